// EscalateCase, AcknowledgeEscalation and SettleEscalation. Who stands above is looked up here, from the roster as it
// is now, and recorded.

#include "libs/runtime/domain/fields.h"
#include "libs/runtime/domain/ids.h"
#include "libs/service/calls.h"
#include "services/ownership/api/api.h"
#include "services/ownership/api/if_active.h"
#include "services/ownership/domain/ownership.h"
#include "services/ownership/escalation/ladder.h"
#include "services/ownership/projections/view/view.h"

namespace throughline::ownership {
namespace {

using runtime::Caller;
using server::Context;
using server::Reply;

template <typename Command, typename Request, typename Response>
struct Call {
  std::string_view method;
  std::function<Command(const Request&, const store::KeyValue&, const Caller&)> gather;
  std::function<void(const v1::OwnershipState&, const Caller&, Response&)> fill;
};

// Neither the case nor whoever stands above counts as unknown until the present is folded.
bool IsComplete(const EscalateCase& command) { return !command.opening.case_id().empty() && !command.above.empty(); }
template <typename Command>
bool IsComplete(const Command& command) {
  return !command.opening.case_id().empty();
}

template <typename Command, typename Request, typename Response>
void Add(server::Api& api, runtime::Streams& streams, const Call<Command, Request, Response>& call) {
  api.Unary<Request, Response>(
      call.method, [&streams, call](const Context& context, Request request, Reply<Response> reply) {
        runtime::FieldViolations bad;
        runtime::RequireField(bad, "case_id", request.case_id(), "name the case");
        if (!bad.empty()) return reply(bad.ToStatus());
        const runtime::StreamId stream{Ownership::kKind, request.case_id()};
        const auto answer = [fill = call.fill, id = request.case_id(), caller = context.caller()](
                                const runtime::Outcome<Ownership>& outcome, Response& response) {
          response.set_case_id(id);
          if (fill) fill(*outcome.state, caller, response);
        };
        const auto gather = [&streams, call, request, caller = context.caller()] {
          return call.gather(request, *streams.View(), caller);
        };
        const auto change = [&streams, reply, stream, answer](Command command) {
          service::Change<Ownership, Response>(streams, reply.context(), stream, std::move(command), reply, answer);
        };
        IfActive<Ownership, Request>(streams, stream, request, reply, answer, [&streams, gather, change, reply] {
          Command command = gather();
          if (IsComplete(command)) return change(std::move(command));
          streams.AfterPresent(reply.context().deadline(), [gather, change, reply](const absl::Status& status) {
            status.ok() ? change(gather()) : reply(status);
          });
        });
      });
}

v1::OwnershipStarted OpeningOf(const store::KeyValue& reader, const std::string& case_id) {
  return kOpenings.Get(reader, case_id).value_or(v1::OwnershipStarted());
}

}  // namespace

void AddEscalation(server::Api& api, runtime::Streams& streams, const Config& config) {
  const auto terms = [escalation = config.escalation, calendars = config.calendars](absl::Time now) {
    return escalation.TermsAt(calendars, now);
  };
  Add<EscalateCase, v1::EscalateCaseRequest, v1::EscalateCaseResponse>(
      api, streams,
      {"EscalateCase",
       [terms, last_resort = config.fallback_owner](const auto& request, const store::KeyValue& reader,
                                                    const Caller& caller) {
         EscalateCase command{request, OpeningOf(reader, request.case_id()), "", terms(caller.time)};
         if (const auto view = FindView(reader, request.case_id())) {
           command.above = NextAbove(reader, view->owner(), {view->owner(), caller.id}, caller.time, last_resort)
                               .value_or(std::string());
         }
         return command;
       },
       [](const v1::OwnershipState& state, const Caller& caller, v1::EscalateCaseResponse& response) {
         const std::string id = runtime::DerivedId(caller, "escalation");
         response.set_escalation_id(id);
         if (state.escalation().escalation_id() != id) return;
         response.set_to(state.escalation().to());
         for (const auto& open : state.ledger().open()) {
           if (open.commitment_id() == state.escalation().commitment_id()) *response.mutable_due() = open.due();
         }
       }});
  Add<AcknowledgeEscalation, v1::AcknowledgeEscalationRequest, v1::AcknowledgeEscalationResponse>(
      api, streams,
      {"AcknowledgeEscalation",
       [terms](const auto& request, const store::KeyValue& reader, const Caller& caller) {
         return AcknowledgeEscalation{request, OpeningOf(reader, request.case_id()), terms(caller.time)};
       },
       [](const v1::OwnershipState& state, const Caller&, v1::AcknowledgeEscalationResponse& response) {
         for (const auto& open : state.ledger().open()) {
           if (open.commitment_id() == state.escalation().commitment_id()) *response.mutable_due() = open.due();
         }
       }});
  using Settle = OnCase<v1::SettleEscalationRequest>;
  Add<Settle, v1::SettleEscalationRequest, v1::SettleEscalationResponse>(
      api, streams,
      {"SettleEscalation",
       [](const auto& request, const store::KeyValue& reader, const Caller&) {
         return Settle{request, OpeningOf(reader, request.case_id())};
       },
       nullptr});
}

}  // namespace throughline::ownership

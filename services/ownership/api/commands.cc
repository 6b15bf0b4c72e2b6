// The commands on cases. Each handler gathers the facts that its rule needs from read models.

#include "libs/runtime/domain/fields.h"
#include "libs/runtime/domain/ids.h"
#include "libs/service/calls.h"
#include "services/ownership/api/api.h"
#include "services/ownership/domain/ownership.h"
#include "services/ownership/people/people.h"
#include "services/ownership/projections/view.h"

namespace throughline::ownership {
namespace {

using runtime::Caller;
using server::Context;
using server::Reply;

// Adds an RPC on a case. `gather` makes the command from the request and facts. `fill` may be null.
template <typename Request, typename Response, typename Command>
void OnCaseRpc(server::Api& api, runtime::Streams& streams, std::string_view method,
               Command (*gather)(Request, v1::OwnershipStarted, const Caller&, const store::KeyValue&),
               void (*fill)(const Caller&, Response&) = nullptr) {
  api.Unary<Request, Response>(
      method, [&streams, gather, fill](const Context& context, Request request, Reply<Response> reply) {
        runtime::FieldViolations bad;
        runtime::RequireField(bad, "case_id", request.case_id(), "name the case");
        if (!bad.empty()) return reply(bad.ToStatus());
        const auto find = [&streams, id = request.case_id()]() -> absl::StatusOr<v1::OwnershipStarted> {
          auto opening = kOpenings.Get(*streams.View(), id);
          if (opening) return *std::move(opening);
          return CaseUnknown(id);
        };
        service::Find<v1::OwnershipStarted>(
            streams, context.deadline(), find,
            [&streams, gather, fill, reply, request](absl::StatusOr<v1::OwnershipStarted> opening) {
              if (!opening.ok()) return reply(opening.status());
              const Caller& caller = reply.context().caller();
              const std::string case_id = request.case_id();
              service::Change<Ownership, Response>(
                  streams, reply.context(), {Ownership::kKind, case_id},
                  gather(request, *std::move(opening), caller, *streams.View()), reply,
                  [case_id, fill, caller](const runtime::Outcome<Ownership>&, Response& response) {
                    response.set_case_id(case_id);
                    if (fill != nullptr) fill(caller, response);
                  });
            });
      });
}

template <typename Request>
OnCase<Request> Plain(Request request, v1::OwnershipStarted opening, const Caller&, const store::KeyValue&) {
  return {std::move(request), std::move(opening)};
}

AcceptHandoff GatherAccept(v1::AcceptHandoffRequest request, v1::OwnershipStarted opening, const Caller& caller,
                           const store::KeyValue& reader) {
  return {std::move(request), std::move(opening), CheckActive(kPersons.Get(reader, caller.id), caller.id)};
}

ReopenCase GatherReopen(v1::ReopenCaseRequest request, v1::OwnershipStarted opening, const Caller& caller,
                        const store::KeyValue& reader) {
  ReopenCase command{std::move(request), std::move(opening)};
  const auto view = FindView(reader, command.request.case_id());
  const auto owner = view ? kPersons.Get(reader, view->owner()) : std::nullopt;
  if (!owner || !owner->deactivated()) return command;
  if (auto above = Above(reader, owner->person(), caller.time)) {
    command.gone = owner->person();
    command.above = *std::move(above);
  }
  return command;
}

void FillHandoff(const Caller& caller, v1::OfferHandoffResponse& response) {
  response.set_handoff_id(runtime::DerivedId(caller, "handoff"));
}
void FillPromise(const Caller& caller, v1::MakePromiseResponse& response) {
  response.set_promise_id(runtime::DerivedId(caller, "promise"));
}

// Whether somebody who is named may own now.
struct NamedPerson {
  absl::Status may_own;
  bool absent = false;
};
NamedPerson Look(const store::KeyValue& reader, const std::string& person, absl::Time now) {
  const auto row = kPersons.Get(reader, person);
  return {CheckActive(row, person), row && IsAbsent(*row, now)};
}

// Unlike OnCaseRpc, looks up the person in `to`, too: neither counts as unknown until the present is folded.
template <typename Request, typename Response, typename Command>
void NamesPersonRpc(server::Api& api, runtime::Streams& streams, std::string_view method,
                    std::function<Command(Request, v1::OwnershipStarted, NamedPerson)> make,
                    void (*fill)(const Caller&, Response&) = nullptr) {
  api.Unary<Request, Response>(method, [&streams, make, fill](const Context& context, Request request,
                                                              Reply<Response> reply) {
    runtime::FieldViolations bad;
    runtime::RequireField(bad, "case_id", request.case_id(), "name the case");
    if (!bad.empty()) return reply(bad.ToStatus());
    const auto gather = [&streams, make, now = context.caller().time](const Request& given) {
      const auto rows = streams.View();
      return make(given, kOpenings.Get(*rows, given.case_id()).value_or(v1::OwnershipStarted()),
                  Look(*rows, given.to(), now));
    };
    const auto change = [&streams, fill, reply](Command command) {
      const std::string case_id = command.request.case_id();
      const Caller caller = reply.context().caller();
      service::Change<Ownership, Response>(streams, reply.context(), {Ownership::kKind, case_id}, std::move(command),
                                           reply, [case_id, caller, fill](const auto&, Response& response) {
                                             response.set_case_id(case_id);
                                             if (fill != nullptr) fill(caller, response);
                                           });
    };
    Command command = gather(request);
    if (command.person.ok() && !command.opening.case_id().empty()) return change(std::move(command));
    streams.AfterPresent(context.deadline(), [gather, change, reply, request](const absl::Status& status) {
      status.ok() ? change(gather(request)) : reply(status);
    });
  });
}

void AddOffer(server::Api& api, runtime::Streams& streams, const Config& config) {
  NamesPersonRpc<v1::OfferHandoffRequest, v1::OfferHandoffResponse, OfferHandoff>(
      api, streams, "OfferHandoff",
      [expiry = config.handoff_expiry](v1::OfferHandoffRequest request, v1::OwnershipStarted opening,
                                       NamedPerson person) {
        return OfferHandoff{std::move(request), std::move(opening), person.may_own, person.absent, expiry};
      },
      FillHandoff);
}

void AddReassign(server::Api& api, runtime::Streams& streams) {
  NamesPersonRpc<v1::ReassignCaseRequest, v1::ReassignCaseResponse, ReassignCase>(
      api, streams, "ReassignCase",
      [](v1::ReassignCaseRequest request, v1::OwnershipStarted opening, NamedPerson person) {
        return ReassignCase{std::move(request), std::move(opening), person.may_own, person.absent};
      });
}

}  // namespace

void AddCommands(server::Api& api, runtime::Streams& streams, const Config& config) {
  AddOffer(api, streams, config);
  AddReassign(api, streams);
  OnCaseRpc<v1::WithdrawHandoffRequest, v1::WithdrawHandoffResponse>(api, streams, "WithdrawHandoff",
                                                                     Plain<v1::WithdrawHandoffRequest>);
  OnCaseRpc<v1::AcceptHandoffRequest, v1::AcceptHandoffResponse>(api, streams, "AcceptHandoff", GatherAccept);
  OnCaseRpc<v1::DeclineHandoffRequest, v1::DeclineHandoffResponse>(api, streams, "DeclineHandoff",
                                                                   Plain<v1::DeclineHandoffRequest>);
  OnCaseRpc<v1::MakePromiseRequest, v1::MakePromiseResponse>(api, streams, "MakePromise", Plain<v1::MakePromiseRequest>,
                                                             FillPromise);
  OnCaseRpc<v1::KeepPromiseRequest, v1::KeepPromiseResponse>(api, streams, "KeepPromise",
                                                             Plain<v1::KeepPromiseRequest>);
  OnCaseRpc<v1::RenegotiatePromiseRequest, v1::RenegotiatePromiseResponse>(api, streams, "RenegotiatePromise",
                                                                           Plain<v1::RenegotiatePromiseRequest>);
  OnCaseRpc<v1::AddWorkNoteRequest, v1::AddWorkNoteResponse>(api, streams, "AddWorkNote",
                                                             Plain<v1::AddWorkNoteRequest>);
  OnCaseRpc<v1::ProposeResolutionRequest, v1::ProposeResolutionResponse>(api, streams, "ProposeResolution",
                                                                         Plain<v1::ProposeResolutionRequest>);
  OnCaseRpc<v1::ConfirmResolutionRequest, v1::ConfirmResolutionResponse>(api, streams, "ConfirmResolution",
                                                                         Plain<v1::ConfirmResolutionRequest>);
  OnCaseRpc<v1::RejectResolutionRequest, v1::RejectResolutionResponse>(api, streams, "RejectResolution",
                                                                       Plain<v1::RejectResolutionRequest>);
  OnCaseRpc<v1::CloseCaseRequest, v1::CloseCaseResponse>(api, streams, "CloseCase", Plain<v1::CloseCaseRequest>);
  OnCaseRpc<v1::ReopenCaseRequest, v1::ReopenCaseResponse>(api, streams, "ReopenCase", GatherReopen);
}

}  // namespace throughline::ownership

// The commands and reads of improvements.

#include "libs/runtime/domain/fields.h"
#include "libs/runtime/domain/time.h"
#include "libs/service/calls.h"
#include "libs/service/pages.h"
#include "services/intake/api/api.h"
#include "services/intake/departments/departments.h"
#include "services/intake/domain/improvement.h"
#include "services/intake/projections/learning.h"

namespace throughline::intake {
namespace {

using server::Context;
using server::Reply;
using DepartmentsPtr = std::shared_ptr<const Departments>;

constexpr size_t kMostShown = 10'000;

absl::Time WindowBegins(const v1::RecurrencePolicy& policy, absl::Time now) {
  return now - absl::Seconds(policy.window().seconds());
}

void AddRaiseImprovement(server::Api& api, runtime::Streams& streams, const DepartmentsPtr& departments,
                         const v1::RecurrencePolicy& policy) {
  using Request = v1::RaiseImprovementRequest;
  using Response = v1::RaiseImprovementResponse;
  api.Unary<Request, Response>("RaiseImprovement", [&streams, departments, policy](
                                                       const Context& context, Request request, Reply<Response> reply) {
    runtime::FieldViolations bad;
    runtime::RequireField(bad, "kind", request.kind(), "say what goes wrong");
    if (!bad.empty()) return reply(bad.ToStatus());
    streams.AfterPresent(context.deadline(), [&streams, departments, policy, request,
                                              reply](const absl::Status& status) {
      if (!status.ok()) return reply(status);
      const auto rows = streams.View();
      const absl::Time now = reply.context().caller().time;
      RaiseImprovement command{request, departments->OfKind(*rows, request.team(), request.kind(), now), policy};
      command.count =
          static_cast<uint32_t>(Occurrences(*rows, request.kind(), WindowBegins(policy, now), now, kMostShown).size());
      service::Change<Improvement, Response>(
          streams, reply.context(), {Improvement::kKind, request.kind()}, std::move(command), reply,
          [kind = request.kind()](const runtime::Outcome<Improvement>& outcome, Response& response) {
            response.set_kind(kind);
            response.set_team(outcome.state->team());
            response.set_owed_by(outcome.state->owed_by());
          });
    });
  });
}

template <typename Command, typename Request, typename Response>
void AddOnImprovement(
    server::Api& api, runtime::Streams& streams, std::string_view method,
    std::function<Command(const Request&, const v1::ImprovementView&, const store::KeyValue&, const runtime::Caller&)>
        gather,
    std::function<void(const v1::ImprovementState&, Response&)> fill) {
  api.Unary<Request, Response>(
      method, [&streams, gather, fill](const Context& context, Request request, Reply<Response> reply) {
        runtime::FieldViolations bad;
        runtime::RequireField(bad, "kind", request.kind(), "say what goes wrong");
        if (!bad.empty()) return reply(bad.ToStatus());
        streams.AfterPresent(context.deadline(), [&streams, gather, fill, request, reply](const absl::Status& status) {
          if (!status.ok()) return reply(status);
          const auto rows = streams.View();
          const auto view = kImprovements.Get(*rows, request.kind());
          if (!view) return reply(ImprovementUnknown(request.kind()));
          service::Change<Improvement, Response>(
              streams, reply.context(), {Improvement::kKind, request.kind()},
              gather(request, *view, *rows, reply.context().caller()), reply,
              [kind = request.kind(), fill](const runtime::Outcome<Improvement>& outcome, Response& response) {
                response.set_kind(kind);
                fill(*outcome.state, response);
              });
        });
      });
}

v1::ImprovementView Shown(v1::ImprovementView view, const store::KeyValue& rows, absl::Time now) {
  view.set_count_now(
      static_cast<uint32_t>(Occurrences(rows, view.kind(), WindowBegins(view.policy(), now), now, kMostShown).size()));
  return view;
}

bool Fits(const v1::ListImprovementsRequest& request, const v1::ImprovementView& view) {
  return (request.team().empty() || request.team() == view.team()) &&
         (request.include_closed() || view.status() != v1::IMPROVEMENT_STATUS_CLOSED) &&
         (!request.overdue() || (view.missed() && view.has_answer_due()));
}

void AddReadsOfImprovements(server::Api& api, runtime::Streams& streams) {
  api.Unary<v1::GetImprovementRequest, v1::GetImprovementResponse>(
      "GetImprovement", [&streams](const Context& context, v1::GetImprovementRequest request, auto reply) {
        service::Read<v1::GetImprovementResponse>(
            streams, context, request.consistency_token(), reply,
            [&streams,
             kind = request.kind()](const store::KeyValue& rows) -> absl::StatusOr<v1::GetImprovementResponse> {
              auto view = kImprovements.Get(rows, kind);
              if (!view) return ImprovementUnknown(kind);
              v1::GetImprovementResponse response;
              *response.mutable_improvement() = Shown(*std::move(view), rows, streams.clock().Trusted());
              return response;
            });
      });
  api.Unary<v1::ListImprovementsRequest, v1::ListImprovementsResponse>(
      "ListImprovements", [&streams](const Context& context, v1::ListImprovementsRequest request, auto reply) {
        const std::string question = service::Question(request);
        auto after = service::AfterPage(question, kImprovements.KeyOf(), request.page_token());
        if (!after.ok()) return reply(after.status());
        const std::string token = request.consistency_token();
        service::Read<v1::ListImprovementsResponse>(
            streams, context, token, reply,
            [&streams, request = std::move(request), question,
             after = *std::move(after)](const store::KeyValue& rows) -> absl::StatusOr<v1::ListImprovementsResponse> {
              v1::ListImprovementsResponse response;
              const auto take = [&](const std::string& kind) {
                if (response.improvements_size() == service::PageSize(request)) return false;
                auto view = kImprovements.Get(rows, kind);
                if (view && Fits(request, *view)) {
                  *response.add_improvements() = Shown(*std::move(view), rows, streams.clock().Trusted());
                }
                return true;
              };
              response.set_next_page_token(service::FillPage(rows, kImprovements, after, question, take));
              return response;
            });
      });
}

}  // namespace

void AddImprovements(server::Api& api, runtime::Streams& streams, const Config& config) {
  const auto departments = std::make_shared<const Departments>(config.departments, config.fallback_owner);
  AddRaiseImprovement(api, streams, departments, PolicyOf(config));
  AddOnImprovement<RecordImprovementChange, v1::RecordImprovementChangeRequest, v1::RecordImprovementChangeResponse>(
      api, streams, "RecordImprovementChange",
      [departments](const auto& request, const auto& view, const auto& rows, const auto& caller) {
        return RecordImprovementChange{request, departments->PlaceOf(rows, caller, view.owed_by())};
      },
      [](const auto& state, auto& response) { *response.mutable_measured_at() = state.measured_at(); });
  AddOnImprovement<RouteImprovement, v1::RouteImprovementRequest, v1::RouteImprovementResponse>(
      api, streams, "RouteImprovement",
      [departments](const auto& request, const auto& view, const auto& rows, const auto& caller) {
        return RouteImprovement{request, departments->OfTeam(rows, request.team(), caller.time),
                                departments->PlaceOf(rows, caller, view.owed_by())};
      },
      [](const auto& state, auto& response) { response.set_owed_by(state.owed_by()); });
  AddReadsOfImprovements(api, streams);
}

}  // namespace throughline::intake

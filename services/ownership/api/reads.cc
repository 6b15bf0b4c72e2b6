// GetOwnership and GetCaseHistory.

#include "libs/runtime/domain/refusal.h"
#include "libs/service/calls.h"
#include "libs/service/pages.h"
#include "services/ownership/api/api.h"
#include "services/ownership/history/history.h"
#include "services/ownership/people/people.h"
#include "services/ownership/projections/view/view.h"
#include "services/ownership/projections/view/view_commitments.h"
#include "throughline/ownership/v1/queries.pb.h"

namespace throughline::ownership {
namespace {

using server::Context;

void AddHistory(server::Api& api, runtime::Streams& streams, RepsRead reps_read) {
  api.Unary<v1::GetCaseHistoryRequest, v1::GetCaseHistoryResponse>(
      "GetCaseHistory", [&streams, reps_read](const Context& context, v1::GetCaseHistoryRequest request, auto reply) {
        const std::string question = service::Question(request);
        auto after = service::AfterPage(question, HistoryPrefix(request), request.page_token());
        if (!after.ok()) return reply(after.status());
        const std::string token = request.consistency_token();
        service::Read<v1::GetCaseHistoryResponse>(
            streams, context, token, reply,
            [request = std::move(request), question, scope = ReadScope(reps_read, context.caller()),
             after = *std::move(after)](const store::KeyValue& rows) -> absl::StatusOr<v1::GetCaseHistoryResponse> {
              const auto view = FindView(rows, request.case_id());
              if (!view) return CaseUnknown(request.case_id());
              if (absl::Status status = scope.Check(rows, view->owner(), "the case"); !status.ok()) return status;
              return HistoryPage(rows, request, question, after);
            });
      });
}

}  // namespace

absl::Status CaseUnknown(const std::string& case_id) {
  return runtime::Refuse(absl::StatusCode::kNotFound, "CASE_UNKNOWN",
                         "no such case: `" + case_id + "`; check the id, or look it up in the list of cases");
}

void AddReads(server::Api& api, runtime::Streams& streams, const Config& config) {
  AddHistory(api, streams, config.reps_read);
  api.Unary<v1::GetOwnershipRequest, v1::GetOwnershipResponse>(
      "GetOwnership", [&streams, last_resort = config.fallback_owner, reps_read = config.reps_read](
                          const Context& context, v1::GetOwnershipRequest request, auto reply) {
        const std::string token = request.consistency_token();
        service::Read<v1::GetOwnershipResponse>(
            streams, context, token, reply,
            [&streams, last_resort, scope = ReadScope(reps_read, context.caller()),
             id = request.case_id()](const store::KeyValue& rows) -> absl::StatusOr<v1::GetOwnershipResponse> {
              auto view = FindView(rows, id);
              if (!view) return CaseUnknown(id);
              if (absl::Status status = scope.Check(rows, view->owner(), "the case"); !status.ok()) return status;
              if (auto above = Above(rows, view->owner(), streams.clock().Trusted(), last_resort)) {
                view->set_supervisor(*above);
              }
              FillPromises(*view);
              v1::GetOwnershipResponse response;
              *response.mutable_ownership() = *std::move(view);
              return response;
            });
      });
}

}  // namespace throughline::ownership

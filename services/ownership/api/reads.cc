// GetOwnership and ListWorklist.

#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "libs/service/calls.h"
#include "libs/service/pages.h"
#include "services/ownership/api/api.h"
#include "services/ownership/projections/view.h"
#include "throughline/ownership/v1/queries.pb.h"

namespace throughline::ownership {
namespace {

using server::Context;
using server::Reply;

// Whether the caller may see this worklist.
absl::Status CheckWorklist(const v1::ListWorklistRequest& request, const runtime::Caller& caller) {
  using common::v1::ROLE_REP;
  using common::v1::ROLE_SUPERVISOR;
  if (request.person().empty()) {
    return runtime::BadField("person",
                             "is not set, and only reps and supervisors have a worklist of their own: name the person");
  }
  const bool only_rep = caller.Is(ROLE_REP) && !caller.Is(ROLE_SUPERVISOR);
  if (only_rep && (request.person() != caller.id || request.include_team())) {
    return runtime::Refuse(absl::StatusCode::kPermissionDenied, "NOT_YOUR_WORKLIST",
                           "a rep sees their own worklist only: leave out `person` and `team`, or ask a supervisor");
  }
  return absl::OkStatus();
}

v1::ListWorklistResponse Worklist(const store::KeyValue& reader, const v1::ListWorklistRequest& request,
                                  const std::string& question, const std::string& after, absl::Time now) {
  const WorklistTable& table = request.include_team() ? kTeamWorklist : kWorklist;
  v1::ListWorklistResponse response;
  std::string last;
  table.Scan(
      reader, after,
      [&](std::string_view raw, const auto&, const v1::WorklistItem& row) {
        if (response.items_size() == request.page_size()) {
          response.set_next_page_token(service::PageToken(question, last));
          return false;
        }
        v1::WorklistItem& item = *response.add_items();
        item = row;
        item.set_overdue(row.has_due() && runtime::FromProto(row.due()) < now);
        last = raw;
        return true;
      },
      request.person());
  return response;
}

}  // namespace

absl::Status CaseUnknown(const std::string& case_id) {
  return runtime::Refuse(absl::StatusCode::kNotFound, "CASE_UNKNOWN",
                         "no such case: `" + case_id + "`; check the id, or look it up in the list of cases");
}

void AddReads(server::Api& api, runtime::Streams& streams) {
  api.Unary<v1::GetOwnershipRequest, v1::GetOwnershipResponse>(
      "GetOwnership", [&streams](const Context& context, v1::GetOwnershipRequest request, auto reply) {
        const std::string token = request.consistency_token();
        service::Read<v1::GetOwnershipResponse>(
            streams, context, token, reply,
            [id = request.case_id()](const store::KeyValue& rows) -> absl::StatusOr<v1::GetOwnershipResponse> {
              auto view = FindView(rows, id);
              if (!view) return CaseUnknown(id);
              v1::GetOwnershipResponse response;
              *response.mutable_ownership() = *std::move(view);
              return response;
            });
      });
  api.Unary<v1::ListWorklistRequest, v1::ListWorklistResponse>(
      "ListWorklist", [&streams](const Context& context, v1::ListWorklistRequest request, auto reply) {
        const runtime::Caller& caller = context.caller();
        const bool has_worklist = caller.Is(common::v1::ROLE_REP) || caller.Is(common::v1::ROLE_SUPERVISOR);
        if (request.person().empty() && has_worklist) request.set_person(caller.id);
        if (absl::Status refused = CheckWorklist(request, caller); !refused.ok()) return reply(refused);
        const std::string question = service::Question(request);
        const WorklistTable& table = request.include_team() ? kTeamWorklist : kWorklist;
        auto after = service::AfterPage(question, table.KeyOf(request.person()), request.page_token());
        if (!after.ok()) return reply(after.status());
        const std::string token = request.consistency_token();
        service::Read<v1::ListWorklistResponse>(
            streams, context, token, reply,
            [&streams, request = std::move(request), question,
             after = *std::move(after)](const store::KeyValue& rows) -> absl::StatusOr<v1::ListWorklistResponse> {
              return Worklist(rows, request, question, after, streams.clock().Trusted());
            });
      });
}

}  // namespace throughline::ownership

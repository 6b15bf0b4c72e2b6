// GetCase and ListCases.

#include "absl/algorithm/container.h"

#include "libs/service/calls.h"
#include "libs/service/pages.h"
#include "services/intake/api/api.h"
#include "services/intake/domain/matter.h"
#include "services/intake/projections/case_view.h"
#include "throughline/intake/v1/queries.pb.h"

namespace throughline::intake {
namespace {

using server::Context;
using server::Reply;

v1::GetCaseResponse Get(const store::KeyValue& reader, const v1::GetCaseRequest& request, v1::CaseView view,
                        const std::string& question, const std::string& after) {
  v1::GetCaseResponse response;
  *response.mutable_case_() = std::move(view);
  std::string last;
  kInteractions.Scan(
      reader, after,
      [&](std::string_view raw, const auto&, const v1::Interaction& interaction) {
        if (response.interactions_size() == request.page_size()) {
          response.set_next_page_token(service::PageToken(question, last));
          return false;
        }
        *response.add_interactions() = interaction;
        last = raw;
        return true;
      },
      request.case_id());
  return response;
}

bool Matches(const v1::ListCasesRequest& request, const v1::CaseView& view) {
  return (request.customer_id().empty() || request.customer_id() == view.customer_id()) &&
         (request.order_id().empty() || request.order_id() == view.order_id()) &&
         (request.owner().empty() || request.owner() == view.owner()) &&
         (request.component_id().empty() || absl::c_linear_search(ComponentsOf(view), request.component_id())) &&
         (request.status() == ownership::v1::CASE_STATUS_UNSPECIFIED || request.status() == view.status());
}

// Calls `use(table, prefix...)` with the list that has the fewest rows for this query.
template <typename Use>
auto WithList(const v1::ListCasesRequest& request, const Use& use) {
  if (!request.case_id_prefix().empty()) return use(kCases, store::Beginning{request.case_id_prefix()});
  if (!request.order_id().empty()) return use(kByOrder, request.order_id());
  if (!request.customer_id().empty()) return use(kByCustomer, request.customer_id());
  if (!request.owner().empty()) return use(kByOwner, request.owner());
  if (!request.component_id().empty()) return use(kByComponent, request.component_id());
  if (request.status() != ownership::v1::CASE_STATUS_UNSPECIFIED)
    return use(kByStatus, std::to_string(request.status()));
  return use(kByTime);
}

v1::ListCasesResponse List(const store::KeyValue& reader, const v1::ListCasesRequest& request,
                           const ownership::ReadScope& scope, const std::string& question, const std::string& after,
                           absl::Time now) {
  v1::ListCasesResponse response;
  response.set_next_page_token(WithList(request, [&](const auto& index, const auto&... prefix) {
    return service::FillPage(
        reader, index, after, question,
        [&](const std::string& case_id) {
          if (response.cases_size() == request.page_size()) return false;
          auto view = FindCaseView(reader, case_id, now);
          if (view && Matches(request, *view) && scope.MayRead(reader, view->owner()))
            *response.add_cases() = *std::move(view);
          return true;
        },
        prefix...);
  }));
  return response;
}

void AddGetCase(server::Api& api, runtime::Streams& streams, ownership::RepsRead reps_read) {
  api.Unary<v1::GetCaseRequest, v1::GetCaseResponse>("GetCase", [&streams, reps_read](
                                                                    const Context& context, v1::GetCaseRequest request,
                                                                    Reply<v1::GetCaseResponse> reply) {
    const std::string question = service::Question(request);
    auto after = service::AfterPage(question, kInteractions.KeyOf(request.case_id()), request.page_token());
    if (!after.ok()) return reply(after.status());
    const std::string token = request.consistency_token();
    service::Read<v1::GetCaseResponse>(
        streams, context, token, reply,
        [&streams, request = std::move(request), question, scope = ownership::ReadScope(reps_read, context.caller()),
         after = *std::move(after)](const store::KeyValue& rows) -> absl::StatusOr<v1::GetCaseResponse> {
          auto view = FindCaseView(rows, request.case_id(), streams.clock().Trusted());
          if (!view) return CaseUnknown(request.case_id());
          if (absl::Status status = scope.Check(rows, view->owner(), "the case"); !status.ok()) return status;
          return Get(rows, request, *std::move(view), question, after);
        });
  });
}

void AddListCases(server::Api& api, runtime::Streams& streams, ownership::RepsRead reps_read) {
  api.Unary<v1::ListCasesRequest, v1::ListCasesResponse>(
      "ListCases",
      [&streams, reps_read](const Context& context, v1::ListCasesRequest request, Reply<v1::ListCasesResponse> reply) {
        const std::string question = service::Question(request);
        const std::string prefix =
            WithList(request, [](const auto& table, const auto&... parts) { return table.KeyOf(parts...); });
        auto after = service::AfterPage(question, prefix, request.page_token());
        if (!after.ok()) return reply(after.status());
        const std::string token = request.consistency_token();
        service::Read<v1::ListCasesResponse>(
            streams, context, token, reply,
            [&streams, request = std::move(request), question,
             scope = ownership::ReadScope(reps_read, context.caller()),
             after = *std::move(after)](const store::KeyValue& rows) -> absl::StatusOr<v1::ListCasesResponse> {
              return List(rows, request, scope, question, after, streams.clock().Trusted());
            });
      });
}

}  // namespace

void AddReads(server::Api& api, runtime::Streams& streams, const Config& config) {
  AddGetCase(api, streams, config.reps_read);
  AddListCases(api, streams, config.reps_read);
}

}  // namespace throughline::intake

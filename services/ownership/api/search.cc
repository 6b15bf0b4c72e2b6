// SearchCases and GetReport: answered on the search's thread, as both may take a while.

#include "services/ownership/search/search.h"

#include <algorithm>
#include <memory>

#include "libs/service/calls.h"
#include "libs/service/pages.h"
#include "services/ownership/api/api.h"
#include "services/ownership/people/read_scope.h"
#include "services/ownership/reports/report_page.h"
#include "throughline/ownership/v1/report.pb.h"
#include "throughline/ownership/v1/search.pb.h"

namespace throughline::ownership {
namespace {

using server::Context;

// Cases that the caller may not read: a page has fewer then.
void LeaveOut(const store::KeyValue& rows, const ReadScope& scope, v1::SearchCasesResponse& page) {
  auto& cases = *page.mutable_cases();
  cases.erase(std::remove_if(cases.begin(), cases.end(),
                             [&](const v1::FoundCase& found) { return !scope.MayRead(rows, found.owner()); }),
              cases.end());
}

void AddSearchCases(server::Api& api, runtime::Streams& streams, RepsRead reps_read,
                    const std::shared_ptr<Search>& search) {
  api.Unary<v1::SearchCasesRequest, v1::SearchCasesResponse>(
      "SearchCases", [&streams, reps_read, search](const Context& context, v1::SearchCasesRequest request, auto reply) {
        std::string question = service::Question(request);
        auto after = service::AfterPage(question, kSearchPrefix, request.page_token());
        if (!after.ok()) return reply(after.status());
        if (auto match = MatchOf(request); !match.ok()) return reply(match.status());
        request.set_page_size(service::PageSize(request));
        const std::string token = request.consistency_token();
        const absl::Time deadline = context.deadline();
        streams.AfterToken(token, deadline,
                           [&streams, search = search.get(), request = std::move(request),
                            question = std::move(question), after = *std::move(after), deadline, reply,
                            scope = ReadScope(reps_read, context.caller())](const absl::Status& status) {
                             if (!status.ok()) return reply(status);
                             search->Find(request, question, after, !request.consistency_token().empty(), deadline,
                                          [&streams, scope, reply](absl::StatusOr<v1::SearchCasesResponse> response) {
                                            if (response.ok()) LeaveOut(*streams.View(), scope, *response);
                                            reply(std::move(response));
                                          });
                           });
      });
}

void AddGetReport(server::Api& api, runtime::Streams& streams, const std::shared_ptr<Search>& search) {
  api.Unary<v1::GetReportRequest, v1::GetReportResponse>(
      "GetReport", [&streams, search](const Context& context, v1::GetReportRequest request, auto reply) {
        const std::string question = service::Question(request);
        auto after = service::AfterPage(question, ReportPrefix(request), request.page_token());
        if (!after.ok()) return reply(after.status());
        auto days = DaysOf(request, streams.clock().Trusted());
        if (!days.ok()) return reply(days.status());
        const auto report = [request, question, days = *days, after = *after](const store::KeyValue& rows) {
          return ReportPage(rows, request, days, question, after);
        };
        streams.AfterToken(request.consistency_token(), context.deadline(),
                           [&streams, search = search.get(), report, reply](const absl::Status& status) {
                             if (!status.ok()) return reply(status);
                             const bool runs = search->Run([&streams, report, reply] {
                               const std::string token = streams.SeenToken();
                               try {
                                 v1::GetReportResponse response = report(*streams.View());
                                 response.set_consistency_token(token);
                                 reply(response);
                               } catch (const store::DamagedRow& damaged) {
                                 reply(runtime::RowUnreadable(damaged));
                               }
                             });
                             if (!runs) reply(Search::TooMany());
                           });
      });
}

}  // namespace

void AddSearch(server::Api& api, runtime::Streams& streams, const Config& config) {
  const auto search = std::make_shared<Search>(streams, config.search_directory, config.search_progress);
  AddSearchCases(api, streams, config.reps_read, search);
  AddGetReport(api, streams, search);
}

}  // namespace throughline::ownership

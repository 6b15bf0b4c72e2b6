#include "services/supplier-tracking/lanes/history_api.h"

#include <string>
#include <utility>

#include "libs/service/calls.h"
#include "services/supplier-tracking/lanes/read_lanes.h"
#include "services/supplier-tracking/scorecards/scorecard_page.h"

namespace throughline::supplier {

void ServeHistory(server::Api& api, runtime::Streams& streams) {
  api.Unary<v1::ListLanesRequest, v1::ListLanesResponse>(
      "ListLanes", [&streams](const server::Context& context, v1::ListLanesRequest request, auto reply) {
        const std::string token = request.consistency_token();
        service::Read<v1::ListLanesResponse>(
            streams, context, token, reply,
            [request = std::move(request)](const store::KeyValue& rows) { return ListLanes(rows, request); });
      });
  api.Unary<v1::GetScorecardsRequest, v1::GetScorecardsResponse>(
      "GetScorecards", [&streams](const server::Context& context, v1::GetScorecardsRequest request, auto reply) {
        const std::string token = request.consistency_token();
        service::Read<v1::GetScorecardsResponse>(streams, context, token, reply,
                                                 [&streams, request = std::move(request)](const store::KeyValue& rows) {
                                                   return GetScorecards(rows, request, streams.clock().Trusted());
                                                 });
      });
}

}  // namespace throughline::supplier

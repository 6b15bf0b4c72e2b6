#include "services/supplier-tracking/lanes/read_lanes.h"

#include <string_view>
#include <tuple>

#include "libs/service/pages.h"
#include "services/supplier-tracking/lanes/histogram.h"
#include "services/supplier-tracking/lanes/history_tables.h"

namespace throughline::supplier {

v1::Lane LaneOf(const std::string& carrier, const std::string& origin, const std::string& destination,
                const v1::LaneRow& row) {
  v1::Lane lane;
  lane.set_carrier(carrier);
  lane.set_origin(origin);
  lane.set_destination(destination);
  lane.set_shipments(row.shipments());
  for (const v1::Histogram& weekday : row.arrival()) *lane.add_arrival_by_weekday() = DurationsOf(weekday);
  *lane.mutable_transit() = DurationsOf(row.transit());
  *lane.mutable_pick_up() = DurationsOf(row.pick_up());
  *lane.mutable_hand_over() = DurationsOf(row.hand_over());
  *lane.mutable_gaps() = DurationsOf(row.gaps());
  return lane;
}

absl::StatusOr<v1::ListLanesResponse> ListLanes(const store::KeyValue& reader, const v1::ListLanesRequest& request) {
  const std::string question = service::Question(request);
  const std::string prefix = request.carrier().empty() ? kLanes.KeyOf() : kLanes.KeyOf(request.carrier());
  absl::StatusOr<std::string> after = service::AfterPage(question, prefix, request.page_token());
  if (!after.ok()) return after.status();
  v1::ListLanesResponse response;
  size_t looked_at = 0;
  const auto visit = [&](std::string_view raw, const auto& key, const v1::LaneRow& row) {
    const auto& [carrier, origin, destination] = key;
    const bool wanted = (request.origin().empty() || request.origin() == origin) &&
                        (request.destination().empty() || request.destination() == destination);
    if (wanted) *response.add_lanes() = LaneOf(carrier, origin, destination, row);
    if (response.lanes_size() < service::PageSize(request) && ++looked_at < service::kMaxLookedAt) return true;
    response.set_next_page_token(service::PageToken(question, raw));
    return false;
  };
  if (request.carrier().empty()) {
    kLanes.Scan(reader, *after, visit);
  } else {
    kLanes.Scan(reader, *after, visit, request.carrier());
  }
  return response;
}

}  // namespace throughline::supplier

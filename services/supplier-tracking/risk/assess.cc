#include "services/supplier-tracking/risk/assess.h"

#include <array>
#include <cmath>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/standing.h"
#include "services/supplier-tracking/domain/summary.h"
#include "services/supplier-tracking/lanes/histogram.h"
#include "services/supplier-tracking/lanes/history_tables.h"
#include "services/supplier-tracking/projections/tables.h"
#include "services/supplier-tracking/risk/forecast.h"

namespace throughline::supplier {
namespace {

// So long before the promise.
constexpr std::array<absl::Duration, 3> kBefore = {absl::Hours(48), absl::Hours(24), absl::Hours(8)};
constexpr size_t kMostLanes = 200;  // of a carrier that are added up

// The lane of the shipment, or, if that has seen too little, all lanes of the carrier together.
v1::LaneRow LaneFor(const store::KeyValue& reader, const std::string& carrier,
                    const v1::ShipmentShareRow::Reports& reports) {
  auto lane = kLanes.Get(reader, carrier, reports.origin(), reports.destination());
  if (lane && CountOf(lane->transit()) >= kEnough) return *std::move(lane);
  v1::LaneRow all;
  size_t lanes = 0;
  kLanes.Scan(
      reader, "",
      [&](std::string_view, const auto&, const v1::LaneRow& row) {
        while (all.arrival_size() < row.arrival_size()) all.add_arrival();
        while (all.start_size() < row.start_size()) all.add_start();
        for (int i = 0; i < row.arrival_size(); ++i) AddHistogram(*all.mutable_arrival(i), row.arrival(i));
        for (int i = 0; i < row.start_size(); ++i) AddHistogram(*all.mutable_start(i), row.start(i));
        return ++lanes < kMostLanes;
      },
      carrier);
  return all;
}

// One part of an order that is still to come, and what history says of it.
struct Part {
  std::string what;
  Forecast forecast;
};

Part OfShipment(const store::KeyValue& reader, const std::string& shipment, const std::string& carrier, absl::Time now,
                absl::Time promised) {
  const auto share = kShipmentShares.Get(reader, shipment);
  if (!share || !share->has_reports()) return {};
  const v1::ShipmentShareRow::Reports& reports = share->reports();
  const v1::LaneRow lane = LaneFor(reader, carrier, reports);
  if (reports.has_picked_up_at()) {
    return {shipment, OnTheWay(lane, absl::FromUnixMicros(reports.picked_up_at()), now, promised)};
  }
  if (!reports.has_announced_at()) return {};
  return {absl::StrCat(shipment, ", not picked up"),
          NotPickedUp(lane, absl::FromUnixMicros(reports.announced_at()), now, promised)};
}

Part OfVendor(const store::KeyValue& reader, const std::string& order_id, const std::string& vendor_id,
              absl::Time expected_dispatch, absl::Time now, absl::Time promised) {
  const auto share = kOrderShares.Get(reader, order_id);
  const auto times = kVendorTimes.Get(reader, vendor_id);
  if (!share || !times) return {};
  for (const auto& vendor : share->vendors()) {
    if (vendor.vendor_id() != vendor_id) continue;
    if (vendor.has_dispatched_at()) {
      return {absl::StrCat("vendor ", vendor_id, " has sent it"),
              Sent(*times, absl::FromUnixMicros(vendor.dispatched_at()), now, promised)};
    }
    return {absl::StrCat("vendor ", vendor_id, " has not sent it"),
            NotSent(*times, absl::FromUnixMicros(share->placed_at()), expected_dispatch, now, promised)};
  }
  return {};
}

// What of the order is still to come: its last legs under way, and the vendors of lines that none of them carries.
std::vector<Part> PartsOf(const store::KeyValue& reader, const v1::OrderView& view, absl::Time now,
                          absl::Time promised) {
  std::vector<Part> parts;
  std::set<std::string> carried;
  for (const v1::OrderShipmentView& shipment : view.shipments()) {
    const bool to_store = !shipment.collect_at().empty();
    if (!shipment.last_leg() || shipment.return_leg() || (IsOver(shipment.state()) && !to_store)) continue;
    if (to_store && HasFailed(shipment.state()) && !shipment.has_ready_at()) continue;
    for (const std::string& line : shipment.line_ids()) carried.insert(line);
    // What is in the store is not on the way any more, whether or not the store has received it.
    if (shipment.has_delivered_at() || shipment.has_ready_at()) continue;
    parts.push_back(OfShipment(reader, shipment.shipment(), shipment.carrier(), now, promised));
  }
  std::map<std::string, absl::Time> vendors;  // and when they send at the earliest
  for (const v1::OrderLineView& line : view.lines()) {
    const bool comes = !IsThere(line.status()) && line.status() != v1::LINE_STATUS_REFUSED;
    if (!comes || carried.contains(line.line().line_id())) continue;
    absl::Time& earliest = vendors.emplace(line.line().vendor_id(), absl::InfinitePast()).first->second;
    if (line.has_expected_dispatch()) earliest = std::max(earliest, runtime::FromProto(line.expected_dispatch()));
    if (line.has_expected_restock()) earliest = std::max(earliest, runtime::FromProto(line.expected_restock()));
  }
  for (const auto& [vendor, earliest] : vendors) {
    parts.push_back(OfVendor(reader, view.order_id(), vendor, earliest, now, promised));
  }
  std::erase_if(parts, [](const Part& part) { return !part.forecast.known; });
  return parts;
}

std::string TimeOf(absl::Time time) { return absl::FormatTime("%Y-%m-%d %H:%M UTC", time, absl::UTCTimeZone()); }

}  // namespace

std::optional<v1::OrderForecast> ForecastOf(const store::KeyValue& reader, const v1::OrderRow& order, absl::Time now) {
  const absl::Time promised = runtime::FromProto(order.view().promised_time());
  const std::vector<Part> parts = PartsOf(reader, order.view(), now, promised);
  if (parts.empty()) return std::nullopt;
  std::vector<Forecast> forecasts;
  for (const Part& part : parts) forecasts.push_back(part.forecast);
  const Forecast all = Together(forecasts);
  const Part& worst =
      *absl::c_max_element(parts, [](const Part& a, const Part& b) { return a.forecast.late < b.forecast.late; });
  v1::OrderForecast forecast;
  // Hundredths: more would pretend to know.
  forecast.set_late_probability(std::round(all.late * 100) / 100);
  *forecast.mutable_expected()->mutable_earliest() = runtime::ToProto(all.median);
  *forecast.mutable_expected()->mutable_latest() = runtime::ToProto(std::max(all.median, all.latest));
  *forecast.mutable_made_at() = runtime::ToProto(now);
  forecast.set_cause(absl::StrCat(worst.what, ": late with a probability of ", std::lround(all.late * 100),
                                  " %, by our history half of these arrive by ", TimeOf(all.median)));
  return forecast;
}

std::optional<v1::Estimate> EstimateFor(const store::KeyValue& reader, const v1::RecordVendorUpdateRequest& update,
                                        absl::Time now) {
  std::optional<absl::Time> from;
  if (update.acknowledged().has_expected_dispatch() && !update.acknowledged().has_expected_delivery()) {
    from = runtime::FromProto(update.acknowledged().expected_dispatch());
  } else if (update.delayed().has_expected_dispatch() && !update.delayed().has_expected_delivery()) {
    from = runtime::FromProto(update.delayed().expected_dispatch());
  } else if (update.backordered().has_expected_restock() && !update.backordered().has_expected_delivery()) {
    from = runtime::FromProto(update.backordered().expected_restock());
  } else if (update.has_dispatched() && !update.dispatched().has_expected_delivery()) {
    from = update.has_stated_at() ? runtime::FromProto(update.stated_at()) : now;
  }
  const auto times = from ? kVendorTimes.Get(reader, update.vendor_id()) : std::nullopt;
  return times ? WayFrom(*times, *from) : std::nullopt;
}

std::optional<v1::Estimate> EstimateFor(const store::KeyValue& reader, const v1::ShipmentView& shipment) {
  const bool way = shipment.last_leg() && !shipment.return_leg() && !shipment.has_eta() && !IsOver(shipment.state());
  if (!way || HasFailed(shipment.state())) return std::nullopt;
  const auto share = kShipmentShares.Get(reader, shipment.shipment());
  if (!share || !share->reports().has_picked_up_at()) return std::nullopt;
  return WayFrom(LaneFor(reader, shipment.carrier(), share->reports()),
                 absl::FromUnixMicros(share->reports().picked_up_at()));
}

void AssessmentProjection::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  if (commit.stream.kind != Order::kKind) return;
  const std::string& order_id = commit.stream.key;
  const v1::OrderState& state = commit.StateOf<Order>();
  const auto had = kAssessed.Get(batch, order_id);
  const int64_t promised = absl::ToUnixMicros(runtime::FromProto(state.promised_time()));
  const bool open = !state.order_id().empty() && !state.has_completed_at() && !state.cancelled() && !state.overdue();
  if (had && open && *had == promised) return;
  const std::string stream = commit.stream.ToString();
  if (had) {
    for (const absl::Duration before : kBefore) {
      runtime::CancelTimer(batch, absl::FromUnixMicros(*had) - before, stream, kAssess);
    }
    kAssessed.Delete(batch, order_id);
  }
  if (!open) return;
  bool ahead = false;
  for (const absl::Duration before : kBefore) {
    const absl::Time due = absl::FromUnixMicros(promised) - before;
    if (due <= commit.time) continue;
    runtime::ScheduleTimer(batch, due, stream, kAssess);
    ahead = true;
  }
  if (ahead) kAssessed.Put(batch, order_id, promised);
}

void AssessPromises::Fire(const throughline::log::v1::TimerRow& timer, const store::KeyValue& reader,
                          runtime::Reactions& reactions) {
  const auto stream = runtime::StreamId::Parse(timer.stream());
  if (!stream || timer.name() != kAssess) return;
  const auto order = kOrders.Get(reader, stream->key);
  if (!order) return;
  std::optional<v1::OrderForecast> forecast = ForecastOf(reader, *order, reactions.now());
  if (!forecast) return;
  reactions.Execute<Order>(*stream, AssessPromise{*std::move(forecast), threshold_}, kAssess);
}

}  // namespace throughline::supplier

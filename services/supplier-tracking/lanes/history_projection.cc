#include "services/supplier-tracking/lanes/history_projection.h"

#include <map>
#include <string>
#include <tuple>

#include "absl/time/time.h"

#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/shipment.h"
#include "services/supplier-tracking/domain/standing.h"
#include "services/supplier-tracking/domain/summary.h"
#include "services/supplier-tracking/lanes/histogram.h"
#include "services/supplier-tracking/lanes/history_tables.h"
#include "services/supplier-tracking/lanes/share.h"
#include "services/supplier-tracking/scorecards/numbers.h"

namespace throughline::supplier {
namespace {

constexpr int kWeekdays = 7;

void Write(const ScorecardChanges& changes, store::Batch& batch) {
  for (const auto& [key, change] : changes) {
    if (change.ByteSizeLong() == 0) continue;
    v1::ScorecardRow row = kScorecards.Get(batch, key.subject, key.value, key.day).value_or(v1::ScorecardRow());
    AddTo(row, change);
    if (row.ByteSizeLong() == 0) {
      kScorecards.Delete(batch, key.subject, key.value, key.day);
    } else {
      kScorecards.Put(batch, key.subject, key.value, key.day, row);
    }
  }
}

void AddOne(v1::Histogram& histogram, int64_t from, int64_t until, int64_t times) {
  AddDuration(histogram, absl::Microseconds(until - from), times);
}

// Counts from the beginning of the day of `from`.
template <typename Histograms>
void AddToWeekday(Histograms& weekdays, int64_t from, int64_t until, int64_t times) {
  while (weekdays.size() < kWeekdays) weekdays.Add();
  const absl::Time start = absl::FromUnixMicros(from);
  AddDuration(*weekdays.Mutable(WeekdayOf(start)), absl::FromUnixMicros(until) - Midnight(start), times);
}

// A shipment counts for its lane once it is over, or a store of ours has received it.
bool HasLane(const v1::ShipmentShareRow::Reports& reports) {
  return !reports.return_leg() && (IsOver(reports.state()) || reports.received());
}

void AddToLane(const std::string& carrier, const v1::ShipmentShareRow::Reports& reports, int64_t times,
               store::Batch& batch) {
  if (!HasLane(reports)) return;
  const auto known = kLanes.Get(batch, carrier, reports.origin(), reports.destination());
  v1::LaneRow lane = known.value_or(v1::LaneRow());
  lane.set_shipments(lane.shipments() + times);
  if (reports.has_picked_up_at()) {
    const int64_t from = reports.picked_up_at();
    if (reports.has_delivered_at()) {
      AddOne(*lane.mutable_transit(), from, reports.delivered_at(), times);
      AddToWeekday(*lane.mutable_arrival(), from, reports.delivered_at(), times);
    }
    if (reports.has_handed_over_at()) AddOne(*lane.mutable_hand_over(), from, reports.handed_over_at(), times);
    if (reports.has_announced_at()) {
      AddOne(*lane.mutable_pick_up(), reports.announced_at(), from, times);
      AddToWeekday(*lane.mutable_start(), reports.announced_at(), from, times);
    }
  }
  AddHistogram(*lane.mutable_gaps(), reports.gaps(), times);
  // What was taken out leaves no trace.
  if (lane.transit().buckets().empty()) lane.clear_transit();
  if (lane.hand_over().buckets().empty()) lane.clear_hand_over();
  if (lane.pick_up().buckets().empty()) lane.clear_pick_up();
  if (lane.gaps().buckets().empty()) lane.clear_gaps();
  while (lane.arrival_size() < kWeekdays) lane.add_arrival();
  while (lane.start_size() < kWeekdays) lane.add_start();
  if (lane.shipments() == 0) {
    kLanes.Delete(batch, carrier, reports.origin(), reports.destination());
  } else {
    kLanes.Put(batch, carrier, reports.origin(), reports.destination(), lane);
  }
  runtime::Count(batch, kLanesKnown, (lane.shipments() > 0 ? 1 : 0) - (known ? 1 : 0));
}

void MoveShipment(const std::string& stream, const v1::ShipmentShareRow& before, const v1::ShipmentShareRow& after,
                  store::Batch& batch) {
  ShipmentName name;
  if (!ParseShipmentStream(stream, name)) return;
  ScorecardChanges changes;
  AddShare(name.carrier, before, -1, changes);
  AddShare(name.carrier, after, 1, changes);
  Write(changes, batch);
  if ((HasLane(before.reports()) || HasLane(after.reports())) && !Same(before.reports(), after.reports())) {
    AddToLane(name.carrier, before.reports(), -1, batch);
    AddToLane(name.carrier, after.reports(), 1, batch);
  }
  kShipmentShares.Put(batch, stream, after);
}

void ApplyToShipment(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  const std::string stream = commit.stream.ToString();
  const v1::ShipmentShareRow before = kShipmentShares.Get(batch, stream).value_or(v1::ShipmentShareRow());
  v1::ShipmentShareRow after = before;
  UpdateReports(commit, *after.mutable_reports());
  MoveShipment(stream, before, after, batch);
}

void AddTimes(const v1::OrderShareRow& order, const v1::OrderShareRow::Vendor& vendor, int64_t times,
              v1::VendorTimesRow& row) {
  if (!vendor.has_dispatched_at() || !order.promised_ahead()) return;
  AddToWeekday(*row.mutable_handling(), order.placed_at(), vendor.dispatched_at(), times);
  if (!vendor.has_delivered_at()) return;
  AddToWeekday(*row.mutable_delivery(), vendor.dispatched_at(), vendor.delivered_at(), times);
}

void MoveTimes(const v1::OrderShareRow& before, const v1::OrderShareRow& after, store::Batch& batch) {
  std::map<std::string, const v1::OrderShareRow::Vendor*> were;
  for (const auto& vendor : before.vendors()) were[vendor.vendor_id()] = &vendor;
  for (const auto& vendor : after.vendors()) {
    const auto was = were.find(vendor.vendor_id());
    if (!vendor.has_dispatched_at() || (was != were.end() && Same(*was->second, vendor))) continue;
    v1::VendorTimesRow row = kVendorTimes.Get(batch, vendor.vendor_id()).value_or(v1::VendorTimesRow());
    if (was != were.end()) AddTimes(before, *was->second, -1, row);
    AddTimes(after, vendor, 1, row);
    kVendorTimes.Put(batch, vendor.vendor_id(), row);
  }
}

void ApplyToOrder(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  const std::string& order_id = commit.stream.key;
  const v1::OrderShareRow before = kOrderShares.Get(batch, order_id).value_or(v1::OrderShareRow());
  v1::OrderShareRow after = before;
  UpdateOrderShare(commit, after);
  if (!Same(before, after)) {
    ScorecardChanges changes;
    AddShare(before, -1, changes);
    AddShare(after, 1, changes);
    Write(changes, batch);
    MoveTimes(before, after, batch);
    kOrderShares.Put(batch, order_id, after);
  }
  const v1::OrderState& order = commit.StateOf<Order>();
  for (const auto& shipment : order.shipments()) {
    const v1::ShipmentShareRow::Promise promise =
        PromiseOf(order, shipment, absl::FromUnixMicros(after.first_promised()));
    const v1::ShipmentShareRow share = kShipmentShares.Get(batch, shipment.shipment()).value_or(v1::ShipmentShareRow());
    v1::ShipmentShareRow now = share;
    auto& promises = *now.mutable_promises();
    int at = 0;
    while (at < promises.size() && promises[at].order_id() < promise.order_id()) ++at;
    if (at == promises.size() || promises[at].order_id() != promise.order_id()) {
      promises.Add();
      for (int last = promises.size() - 1; last > at; --last) promises.SwapElements(last, last - 1);
    } else if (Same(promises[at], promise)) {
      continue;
    }
    promises[at] = promise;
    MoveShipment(shipment.shipment(), share, now, batch);
  }
}

}  // namespace

void HistoryProjection::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  if (commit.stream.kind == Shipment::kKind) return ApplyToShipment(commit, batch);
  if (commit.stream.kind == Order::kKind) return ApplyToOrder(commit, batch);
}

}  // namespace throughline::supplier

#include "services/supplier-tracking/lanes/share.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_set.h"

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/carriers/countries.h"
#include "services/supplier-tracking/domain/collection/collection.h"
#include "services/supplier-tracking/domain/fingerprint.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/quantities.h"
#include "services/supplier-tracking/domain/shipment.h"
#include "services/supplier-tracking/domain/standing.h"
#include "services/supplier-tracking/domain/summary.h"
#include "services/supplier-tracking/lanes/histogram.h"

namespace throughline::supplier {
namespace {

using Reports = v1::ShipmentShareRow::Reports;
using Scan = v1::ShipmentState::Scan;

constexpr uint32_t kUncertain = uint32_t{1} << v1::TRACKING_FLAG_TIME_UNCERTAIN;

// Whether the carrier has it by then, or had it.
bool IsWithCarrier(v1::TrackingState state) {
  switch (state) {
    case v1::TRACKING_STATE_UNSPECIFIED:
    case v1::TRACKING_STATE_UNKNOWN:
    case v1::TRACKING_STATE_ANNOUNCED:
    case v1::TRACKING_STATE_CANCELLED:
      return false;
    default:
      return true;
  }
}

// The scans that no other corrects, by instant.
std::vector<const Scan*> ScansThatCount(const v1::ShipmentState& state) {
  absl::flat_hash_set<std::string> corrected;
  for (const Scan& scan : state.scans()) {
    if (!scan.corrects().empty() && scan.corrects() != ShortId(scan)) corrected.insert(scan.corrects());
  }
  std::vector<const Scan*> scans;
  for (const Scan& scan : state.scans()) {
    if (corrected.empty() || !corrected.contains(ShortId(scan))) scans.push_back(&scan);
  }
  return scans;
}

// A place is where the carrier got it if no earlier scan names a country.
void NoteOrigin(const v1::Place& place, v1::TrackingState state, int64_t instant, Reports& reports) {
  if (!IsWithCarrier(state) || (reports.has_origin_at() && reports.origin_at() <= instant)) return;
  const std::string country = CountryCode(place.country());
  if (country.empty()) return;
  reports.set_origin(country);
  reports.set_origin_at(instant);
}

int64_t Micros(const google::protobuf::Timestamp& time) { return absl::ToUnixMicros(runtime::FromProto(time)); }

void Count(const runtime::AcceptedCommit& commit, const v1::ShipmentEvent& event, Reports& reports) {
  switch (event.event_case()) {
    case v1::ShipmentEvent::kAnnounced:
      if (!reports.has_announced_at()) reports.set_announced_at(absl::ToUnixMicros(commit.time));
      return;
    case v1::ShipmentEvent::kStatusRecorded: {
      const v1::StatusRecorded& recorded = event.status_recorded();
      reports.set_scans(reports.scans() + 1);
      if (recorded.has_correction_of()) reports.set_corrections(reports.corrections() + 1);
      if (recorded.time().uncertain()) {
        reports.set_uncertain_times(reports.uncertain_times() + 1);
      } else if (!recorded.from_quarantine()) {  // that one came when its code got a meaning
        AddDuration(*reports.mutable_latency(),
                    runtime::FromProto(recorded.received_at()) - runtime::FromProto(recorded.time().instant()));
      }
      return NoteOrigin(recorded.place(), recorded.state(), Micros(recorded.time().instant()), reports);
    }
    case v1::ShipmentEvent::kStatusAmended: {
      const v1::StatusAmended& amended = event.status_amended();
      for (const Scan& scan : commit.StateOf<Shipment>().scans()) {
        if (ShortId(scan) != ShortId(amended.fingerprint())) continue;
        NoteOrigin(amended.place(), scan.state(), scan.instant(), reports);
      }
      return;
    }
    case v1::ShipmentEvent::kConflictRecorded:
      return reports.set_contradictions(reports.contradictions() + 1);
    case v1::ShipmentEvent::kStatusQuarantined:
      return reports.set_unmapped(reports.unmapped() + 1);
    default:
      return;  // nothing that is measured
  }
}

// Sets or clears the time of a scan. One whose time is uncertain says nothing of how long something took.
template <typename Set, typename Clear>
void SetTime(const Scan* scan, const Set& set, const Clear& clear) {
  scan != nullptr && (scan->flags() & kUncertain) == 0 ? set(scan->instant()) : clear();
}

v1::OrderShareRow::Vendor& VendorIn(v1::OrderShareRow& share, const std::string& vendor_id) {
  for (auto& vendor : *share.mutable_vendors()) {
    if (vendor.vendor_id() == vendor_id) return vendor;
  }
  auto& added = *share.add_vendors();
  added.set_vendor_id(vendor_id);
  return added;
}

// When it reached its end. To a store of ours the carrier's word counts once the store has received it.
absl::Time ReachedAt(const v1::OrderState::Shipment& shipment) {
  if (shipment.collect_at().empty()) return runtime::FromProto(shipment.delivered_at());
  const absl::Time ready = runtime::FromProto(shipment.ready_at());
  return shipment.has_delivered_at() ? std::min(ready, runtime::FromProto(shipment.delivered_at())) : ready;
}

// When the last of the shipments that bring the line arrived.
std::optional<absl::Time> ArrivalOf(const v1::OrderState& order, const v1::OrderState::Line& line) {
  if (!IsThere(line.status())) return std::nullopt;  // what goes back has arrived
  std::optional<absl::Time> arrival;
  for (const auto& shipment : order.shipments()) {
    if (!EndsTheWay(shipment) || !HasReached(shipment)) continue;
    if (!absl::c_linear_search(shipment.line_ids(), line.line_id())) continue;
    arrival = std::max(arrival.value_or(absl::InfinitePast()), ReachedAt(shipment));
  }
  if (!arrival && line.has_collected_at()) return runtime::FromProto(line.collected_at());
  return arrival;
}

void Count(const runtime::AcceptedCommit& commit, const v1::OrderEvent& event, v1::OrderShareRow& share) {
  const auto sent = [&](const std::string& vendor_id) {
    auto& vendor = VendorIn(share, vendor_id);
    if (!vendor.has_dispatched_at()) vendor.set_dispatched_at(absl::ToUnixMicros(commit.time));
  };
  if (event.has_placed()) {
    const v1::OrderPlaced& placed = event.placed();
    const absl::Time promised = runtime::FromProto(placed.promised_time());
    share.set_day(DayOf(runtime::FromProto(placed.placed_at())));
    share.set_placed_at(Micros(placed.placed_at()));
    share.set_first_promised(absl::ToUnixMicros(promised));
    share.set_promised_ahead(promised > commit.time);
    std::vector<std::string> vendors;
    for (const auto& line : placed.lines()) vendors.push_back(line.vendor_id());
    absl::c_sort(vendors);
    for (const std::string& vendor : vendors) VendorIn(share, vendor);
  } else if (event.has_amended()) {
    for (const auto& line : event.amended().added_lines()) VendorIn(share, line.vendor_id());
  } else if (event.has_vendor_backordered()) {
    auto& vendor = VendorIn(share, event.vendor_backordered().vendor_id());
    vendor.set_lines_backordered(vendor.lines_backordered() + event.vendor_backordered().line_ids_size());
  } else if (event.has_vendor_delayed()) {
    auto& vendor = VendorIn(share, event.vendor_delayed().vendor_id());
    vendor.set_lines_delayed(vendor.lines_delayed() + event.vendor_delayed().line_ids_size());
  } else if (event.has_vendor_dispatched()) {
    sent(event.vendor_dispatched().vendor_id());
  } else if (event.has_shipment_added() && !event.shipment_added().return_leg()) {
    for (const auto& line : commit.StateOf<Order>().lines()) {
      if (absl::c_linear_search(event.shipment_added().line_ids(), line.line_id())) sent(line.vendor_id());
    }
  }
}

}  // namespace

int64_t DayOf(absl::Time time) {
  return absl::CivilDay(absl::ToCivilDay(time, absl::UTCTimeZone())) - absl::CivilDay(1970, 1, 1);
}

int WeekdayOf(absl::Time time) {
  return static_cast<int>(absl::GetWeekday(absl::ToCivilDay(time, absl::UTCTimeZone())));
}

absl::Time Midnight(absl::Time time) { return absl::UnixEpoch() + absl::Hours(24) * DayOf(time); }

void UpdateReports(const runtime::AcceptedCommit& commit, Reports& reports) {
  if (commit.version == 1) reports.set_day(DayOf(commit.time));
  for (size_t i = 0; i < commit.events.size(); ++i) Count(commit, commit.EventAt<v1::ShipmentEvent>(i), reports);
  const v1::ShipmentState& state = commit.StateOf<Shipment>();
  reports.set_order_id(state.order_id());
  reports.set_destination(state.destination_zone());
  reports.set_return_leg(state.return_leg());
  // A store of ours receives it: that confirms the carrier's word that it is there, or stands for it.
  const auto& receipts = state.store_receipts();
  const auto receipt = absl::c_find_if(
      receipts, [&](const auto& one) { return !state.collect_at().empty() && one.store() == state.collect_at(); });
  reports.set_received(receipt != receipts.end());
  // What a carrier calls delivered to a store of ours is on its way until then.
  const bool unconfirmed =
      state.state() == v1::TRACKING_STATE_DELIVERED && !state.collect_at().empty() && !reports.received();
  reports.set_state(unconfirmed ? v1::TRACKING_STATE_IN_TRANSIT : state.state());
  const Scan *first = nullptr, *handed_over = nullptr, *delivered = nullptr;
  std::vector<const Scan*> scans = ScansThatCount(state);
  std::erase_if(scans, [](const Scan* scan) { return !IsWithCarrier(scan->state()); });
  for (const Scan* scan : scans) {
    if (first == nullptr) first = scan;
    if (handed_over == nullptr && scan->state() == v1::TRACKING_STATE_HANDED_OVER) handed_over = scan;
    if (delivered == nullptr && scan->state() == v1::TRACKING_STATE_DELIVERED) delivered = scan;
  }
  if (reports.state() != v1::TRACKING_STATE_DELIVERED) delivered = nullptr;
  // The receipt is the end of the carrier's way, if the carrier does not call it delivered.
  for (const Scan* scan : scans) {
    if (delivered == nullptr && reports.received() && scan->receipt_store() == state.collect_at()) delivered = scan;
  }
  SetTime(
      first, [&](int64_t at) { reports.set_picked_up_at(at); }, [&] { reports.clear_picked_up_at(); });
  SetTime(
      handed_over, [&](int64_t at) { reports.set_handed_over_at(at); }, [&] { reports.clear_handed_over_at(); });
  SetTime(
      delivered, [&](int64_t at) { reports.set_delivered_at(at); }, [&] { reports.clear_delivered_at(); });
  reports.clear_gaps();
  if (!IsOver(reports.state()) && !reports.received()) return;
  for (size_t i = 1; i < scans.size() && scans[i - 1] != delivered; ++i) {
    if (((scans[i - 1]->flags() | scans[i]->flags()) & kUncertain) != 0) continue;
    AddDuration(*reports.mutable_gaps(), absl::Microseconds(scans[i]->instant() - scans[i - 1]->instant()));
  }
}

v1::ShipmentShareRow::Promise PromiseOf(const v1::OrderState& order, const v1::OrderState::Shipment& shipment,
                                        absl::Time first_promised) {
  v1::ShipmentShareRow::Promise promise;
  promise.set_order_id(order.order_id());
  std::vector<std::string> vendors;
  bool again = true;  // every line of it was sent again: it is not late, but failed
  for (const auto& line : order.lines()) {
    if (!absl::c_linear_search(shipment.line_ids(), line.line_id())) continue;
    vendors.push_back(line.vendor_id());
    again = again && absl::c_linear_search(shipment.sent_again_line_ids(), line.line_id());
  }
  absl::c_sort(vendors);
  vendors.erase(std::unique(vendors.begin(), vendors.end()), vendors.end());
  for (std::string& vendor : vendors) promise.add_vendors(std::move(vendor));
  if (!EndsTheWay(shipment) || shipment.state() == v1::TRACKING_STATE_CANCELLED) return promise;
  if (HasReached(shipment)) {
    promise.set_in_time(ReachedAt(shipment) <= first_promised);
    promise.set_late(!promise.in_time());
  } else {
    promise.set_late(order.overdue() && !again);
  }
  return promise;
}

void UpdateOrderShare(const runtime::AcceptedCommit& commit, v1::OrderShareRow& share) {
  for (size_t i = 0; i < commit.events.size(); ++i) Count(commit, commit.EventAt<v1::OrderEvent>(i), share);
  const v1::OrderState& order = commit.StateOf<Order>();
  const absl::Time promised = absl::FromUnixMicros(share.first_promised());
  for (auto& vendor : *share.mutable_vendors()) {
    int64_t lines = 0, in_time = 0, late = 0, arrived = 0;
    absl::Time last = absl::InfinitePast();
    for (const auto& line : order.lines()) {
      if (line.vendor_id() != vendor.vendor_id() || line.status() == v1::LINE_STATUS_CANCELLED) continue;
      ++lines;
      const std::optional<absl::Time> arrival = ArrivalOf(order, line);
      if (arrival) {
        ++arrived;
        last = std::max(last, *arrival);
        ++(*arrival <= promised ? in_time : late);
      } else if (order.overdue()) {
        ++late;
      }
    }
    vendor.set_lines(lines);
    vendor.set_lines_in_time(in_time);
    vendor.set_lines_late(late);
    vendor.clear_delivered_at();
    if (lines > 0 && arrived == lines) vendor.set_delivered_at(absl::ToUnixMicros(last));
  }
}

}  // namespace throughline::supplier

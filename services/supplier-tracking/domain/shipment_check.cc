#include "services/supplier-tracking/domain/shipment_check.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/algorithm/container.h"
#include "absl/time/civil_time.h"

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/fingerprint.h"
#include "services/supplier-tracking/domain/shipment.h"
#include "services/supplier-tracking/domain/standing.h"
#include "services/supplier-tracking/domain/summary.h"

namespace throughline::supplier {
namespace {

// First looks. What we are configured to bear, or what is usual, can put them off but not bring them forward.
constexpr absl::Duration kNotPickedUp = absl::Hours(24);
constexpr absl::Duration kSilence = absl::Hours(36);
constexpr absl::Duration kUnclaimed = absl::Hours(48);
constexpr absl::Duration kCustoms = absl::Hours(24);
constexpr absl::Duration kBeforeTheEnd = absl::Hours(24);  // of a subscription
constexpr int kEveningHour = 21;                           // at the destination

// The next nine in the evening on the clocks of the zone.
absl::Time EveningAfter(absl::Time time, const std::string& zone_name) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(zone_name, &zone)) zone = absl::UTCTimeZone();
  const absl::CivilDay day = absl::ToCivilDay(time, zone);
  const absl::Time evening = absl::FromCivil(absl::CivilHour(day) + kEveningHour, zone);
  return evening > time ? evening : absl::FromCivil(absl::CivilHour(day + 1) + kEveningHour, zone);
}

// Whether the store of ours where it ends has received it, and it does not go back: the carrier's way has ended,
// whatever is still scanned, and its order looks after the collection.
bool IsInItsStore(const v1::ShipmentState& state) {
  return !state.collect_at().empty() && !HasFailed(state.state()) &&
         absl::c_any_of(state.store_receipts(),
                        [&](const v1::StoreReceipt& receipt) { return receipt.store() == state.collect_at(); });
}

// The last scan that no other corrects; InfinitePast if there is none.
absl::Time LastScan(const v1::ShipmentState& state) {
  std::set<std::string> corrected;
  for (const auto& scan : state.scans()) {
    if (!scan.corrects().empty() && scan.corrects() != ShortId(scan)) corrected.insert(scan.corrects());
  }
  absl::Time last = absl::InfinitePast();
  for (const auto& scan : state.scans()) {
    if (corrected.empty() || !corrected.contains(ShortId(scan))) {
      last = std::max(last, absl::FromUnixMicros(scan.instant()));
    }
  }
  return last;
}

}  // namespace

absl::Duration SubscriptionOf(const std::string& carrier) {
  return carrier == "ups" ? absl::Hours(24 * 14) : absl::InfiniteDuration();
}

std::vector<Wait> WaitsOf(const std::string& carrier, const v1::ShipmentState& state,
                          std::optional<absl::Time> announced_at) {
  std::vector<Wait> waits;
  if (!state.announced() || !announced_at || IsOver(state.state())) return waits;
  const absl::Time since = state.has_state_since() ? runtime::FromProto(state.state_since()) : *announced_at;
  const absl::Time last = std::max(since, LastScan(state));
  const bool received = IsInItsStore(state);
  switch (received ? v1::TRACKING_STATE_READY_FOR_PICKUP : state.state()) {
    case v1::TRACKING_STATE_UNSPECIFIED:
    case v1::TRACKING_STATE_UNKNOWN:
    case v1::TRACKING_STATE_ANNOUNCED:
      if (state.leg() > 1) break;  // after another leg: that gap is a concern of its own
      waits.push_back({v1::CONCERN_KIND_NOT_PICKED_UP, *announced_at, *announced_at + kNotPickedUp});
      break;
    case v1::TRACKING_STATE_OUT_FOR_DELIVERY:
      waits.push_back({v1::CONCERN_KIND_NOT_CLOSED, since, EveningAfter(since, state.destination_zone())});
      break;
    case v1::TRACKING_STATE_READY_FOR_PICKUP:
      if (!state.collect_at().empty()) break;  // its order looks after that, from the store's receipt on
      waits.push_back({v1::CONCERN_KIND_UNCLAIMED, since, since + kUnclaimed});
      break;
    case v1::TRACKING_STATE_ON_HOLD:
      if (state.reason() == v1::TRACKING_REASON_CUSTOMS) {
        waits.push_back({v1::CONCERN_KIND_CUSTOMS_HOLD, since, since + kCustoms});
        break;
      }
      waits.push_back({v1::CONCERN_KIND_SILENCE, last, last + kSilence});
      break;
    case v1::TRACKING_STATE_HANDED_OVER:
      return waits;  // this leg has ended: the next one reports
    default:
      waits.push_back({v1::CONCERN_KIND_SILENCE, last, last + kSilence});
  }
  // Once the subscription has ended, only a scan after that shows that the carrier still reports.
  const absl::Time end = *announced_at + SubscriptionOf(carrier);
  if (last < end && end != absl::InfiniteFuture()) {
    waits.push_back({v1::CONCERN_KIND_SUBSCRIPTION_EXPIRING, *announced_at, end - kBeforeTheEnd});
  }
  return waits;
}

const v1::ShipmentChecked* FindCheck(const v1::ShipmentState& state, v1::ConcernKind kind) {
  for (const v1::ShipmentChecked& check : state.checks()) {
    if (check.kind() == kind) return &check;
  }
  return nullptr;
}

Shipment::Decision Shipment::Decide(const State& state, const CheckShipment& command, const runtime::Caller&) {
  const v1::ShipmentChecked& checked = command.request;
  const v1::ShipmentChecked* known = FindCheck(state, checked.kind());
  if (known != nullptr && runtime::FromProto(known->since()) == runtime::FromProto(checked.since())) {
    const bool raised = !known->has_next_check();
    if (raised) return std::vector<Event>();
    if (checked.has_next_check() &&
        runtime::FromProto(known->next_check()) >= runtime::FromProto(checked.next_check())) {
      return std::vector<Event>();
    }
  }
  std::vector<Event> events(1);
  *events.front().mutable_checked() = checked;
  return events;
}

void NoteCheck(v1::ShipmentState& state, const v1::ShipmentChecked& checked) {
  auto& checks = *state.mutable_checks();
  int at = 0;
  while (at < checks.size() && checks[at].kind() < checked.kind()) ++at;
  if (at == checks.size() || checks[at].kind() != checked.kind()) {
    checks.Add();
    for (int last = checks.size() - 1; last > at; --last) checks.SwapElements(last, last - 1);
  }
  checks[at] = checked;
  checks[at].clear_text();
}

}  // namespace throughline::supplier

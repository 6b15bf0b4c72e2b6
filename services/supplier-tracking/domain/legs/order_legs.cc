#include "services/supplier-tracking/domain/legs/order_legs.h"

#include <algorithm>
#include <optional>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/standing.h"

namespace throughline::supplier {
namespace {

using Shipment = v1::OrderState::Shipment;
using google::protobuf::Timestamp;

// `ups 1Z999AA10123456784`.
std::string Named(const std::string& shipment) {
  ShipmentName name;
  return ParseShipmentStream(shipment, name) ? absl::StrCat(name.carrier, " ", name.number) : shipment;
}

std::string Named(const v1::HandedTo& next) {
  if (next.tracking_number().empty()) return absl::StrCat(next.carrier(), ", whose number is not known");
  return absl::StrCat(next.carrier(), " ", next.tracking_number());
}

// Whether something of it still has to reach where it goes.
bool IsWanted(const v1::OrderState& state, const Shipment& shipment) {
  if (shipment.return_leg()) return true;
  return absl::c_any_of(state.lines(), [&](const v1::OrderState::Line& line) {
    return !IsSettled(line.status()) && absl::c_linear_search(shipment.line_ids(), line.line_id()) &&
           !absl::c_linear_search(shipment.sent_again_line_ids(), line.line_id());
  });
}

// When the leg ended before the customer; nullopt while it has not.
std::optional<Timestamp> EndOf(const v1::OrderState& state, const Shipment& shipment) {
  if (!IsWanted(state, shipment)) return std::nullopt;
  if (shipment.state() == v1::TRACKING_STATE_HANDED_OVER) return shipment.state_since();
  const bool goes_on = !shipment.last_leg() && !shipment.return_leg();
  if (goes_on && shipment.has_delivered_at()) return shipment.delivered_at();
  return std::nullopt;
}

v1::LegAwaited Awaiting(const Shipment& shipment, const Timestamp& since, absl::Duration within, absl::Time now) {
  const absl::Time soon = now + std::min(within, absl::Hours(1));
  v1::LegAwaited awaited;
  awaited.set_shipment(shipment.shipment());
  *awaited.mutable_since() = since;
  *awaited.mutable_due() = runtime::ToProto(std::max(soon, runtime::FromProto(since) + within));
  if (shipment.has_handed_to()) *awaited.mutable_next() = shipment.handed_to();
  return awaited;
}

Shipment* Find(v1::OrderState& state, const std::string& name) {
  const auto found = absl::c_find_if(*state.mutable_shipments(),
                                     [&](const Shipment& shipment) { return shipment.shipment() == name; });
  return found == state.mutable_shipments()->end() ? nullptr : &*found;
}

}  // namespace

bool HasBegun(v1::TrackingState state) {
  return state != v1::TRACKING_STATE_UNSPECIFIED && state != v1::TRACKING_STATE_UNKNOWN &&
         state != v1::TRACKING_STATE_ANNOUNCED && state != v1::TRACKING_STATE_CANCELLED;
}

const Shipment* NextLeg(const v1::OrderState& state, const Shipment& shipment) {
  const Shipment* found = nullptr;
  for (const Shipment& next : state.shipments()) {
    const bool shares = absl::c_any_of(
        next.line_ids(), [&](const std::string& line) { return absl::c_linear_search(shipment.line_ids(), line); });
    const bool follows = next.return_leg() == shipment.return_leg() && next.leg() > shipment.leg() && shares &&
                         next.state() != v1::TRACKING_STATE_CANCELLED;
    if (follows && (found == nullptr || (!HasBegun(found->state()) && HasBegun(next.state())))) found = &next;
  }
  return found;
}

void AddLegEvents(const v1::OrderState& before, absl::Duration within, absl::Time now,
                  std::vector<v1::OrderEvent>& events) {
  v1::OrderState after = before;
  for (const auto& event : events) Order::Evolve(after, event);
  std::vector<v1::OrderEvent> more;
  for (const Shipment& shipment : after.shipments()) {
    const std::optional<Timestamp> end = EndOf(after, shipment);
    const Shipment* next = NextLeg(after, shipment);
    const bool taken = next != nullptr && HasBegun(next->state());
    if (end && !taken) {
      v1::LegAwaited awaited = Awaiting(shipment, *end, within, now);
      // What it says later of the same end, for instance that it was delivered to the next carrier, leaves the time.
      const bool known =
          shipment.has_awaited_since() && runtime::FromProto(shipment.awaited_since()) <= runtime::FromProto(*end);
      if (!known) *more.emplace_back().mutable_leg_awaited() = std::move(awaited);
      continue;
    }
    if (!shipment.has_awaited_since()) continue;
    const std::string& by = taken ? next->shipment() : shipment.shipment();
    v1::LegTaken& news = *more.emplace_back().mutable_leg_taken();
    news.set_shipment(shipment.shipment());
    news.set_by(by);
    if (FindConcern(after, v1::CONCERN_KIND_LEG_GAP, shipment.shipment()) == nullptr) continue;
    v1::OrderConcernCleared& cleared = *more.emplace_back().mutable_concern_cleared();
    cleared.set_kind(v1::CONCERN_KIND_LEG_GAP);
    cleared.set_about(shipment.shipment());
    cleared.set_evidence(taken ? absl::StrCat(Named(by), " has been scanned") : absl::StrCat(Named(by), " goes on"));
  }
  absl::c_move(more, std::back_inserter(events));
}

Order::Decision Order::Decide(const State& state, const PassLegDue& command, const runtime::Caller& caller) {
  const Shipment* shipment = FindShipment(state, command.request.shipment());
  const bool holds = shipment != nullptr && shipment->has_awaited_until() &&
                     Same(shipment->awaited_until(), command.request.due()) &&
                     caller.time >= runtime::FromProto(shipment->awaited_until());
  if (!holds) return std::vector<Event>();
  RaiseConcern gap;
  gap.request.set_kind(v1::CONCERN_KIND_LEG_GAP);
  gap.request.set_about(shipment->shipment());
  gap.request.set_state(shipment->state());
  *gap.request.mutable_since() = shipment->awaited_since();
  gap.request.set_key(absl::StrCat(absl::ToUnixMicros(runtime::FromProto(shipment->awaited_since()))));
  const Shipment* next = NextLeg(state, *shipment);
  gap.request.set_text(
      next != nullptr ? absl::StrCat("the leg of ", Named(shipment->shipment()), " has ended, and ",
                                     Named(next->shipment()), " has not been scanned since")
      : shipment->has_handed_to()
          ? absl::StrCat(Named(shipment->shipment()), " was handed over to ", Named(shipment->handed_to()),
                         ", and is not with it as far as we know")
          : absl::StrCat("the leg of ", Named(shipment->shipment()), " has ended, and the next carrier is not known"));
  return Decide(state, gap, caller);
}

void EvolveLegs(v1::OrderState& state, const v1::LegAwaited& awaited) {
  Shipment* shipment = Find(state, awaited.shipment());
  if (shipment == nullptr) return;
  *shipment->mutable_awaited_since() = awaited.since();
  *shipment->mutable_awaited_until() = awaited.due();
}

void EvolveLegs(v1::OrderState& state, const v1::LegTaken& taken) {
  Shipment* shipment = Find(state, taken.shipment());
  if (shipment == nullptr) return;
  shipment->clear_awaited_since();
  shipment->clear_awaited_until();
}

}  // namespace throughline::supplier

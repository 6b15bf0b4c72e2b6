#include "services/supplier-tracking/domain/returns/returns.h"

#include <algorithm>

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/collection/collection.h"
#include "services/supplier-tracking/domain/quantities.h"
#include "services/supplier-tracking/domain/standing.h"

namespace throughline::supplier {
namespace {

bool BringsBack(const v1::OrderState::Shipment& shipment, const v1::OrderState::Line& line) {
  return shipment.return_leg() && Carries(shipment, line) && shipment.state() != v1::TRACKING_STATE_LOST_OR_DAMAGED;
}

// How many of the line returns take that were added after the shipment.
uint64_t TakenAfter(const v1::OrderState& state, const v1::OrderState::Shipment& shipment,
                    const v1::OrderState::Line& line) {
  uint64_t taken = 0;
  bool after = false;
  for (const auto& other : state.shipments()) {
    after |= other.shipment() == shipment.shipment();
    if (after && other.return_leg() && Carries(other, line)) taken += CarriedBy(state, other, line);
  }
  return taken;
}

// Whether it stands in a store of ours, or did.
bool IsInStore(const v1::OrderState::Shipment& shipment) {
  return EndsTheWay(shipment) && !shipment.collect_at().empty() &&
         (shipment.has_ready_at() || !shipment.store_receipts().empty());
}

}  // namespace

uint32_t ReturnedOf(const v1::OrderState& state, const v1::OrderState::Line& line) {
  uint64_t back = 0;
  for (const auto& shipment : state.shipments()) {
    if (BringsBack(shipment, line) && shipment.has_returned_at()) back += CarriedBy(state, shipment, line);
  }
  return static_cast<uint32_t>(std::min<uint64_t>(back, line.quantity()));
}

bool IsReturning(const v1::OrderState& state, const v1::OrderState::Line& line) {
  for (const auto& shipment : state.shipments()) {
    if (BringsBack(shipment, line) && !shipment.has_returned_at()) return true;
  }
  return false;
}

bool GoesBack(const v1::OrderState& state, const v1::OrderState::Shipment& shipment) {
  if (!IsInStore(shipment)) return false;
  for (const auto& line : state.lines()) {
    if (!Carries(shipment, line)) continue;
    uint64_t taken = TakenAfter(state, shipment, line);
    taken -= std::min<uint64_t>(taken, line.collected());
    for (const auto& other : state.shipments()) {
      if (taken == 0) break;
      if (!IsInStore(other) || !Carries(other, line) || IsCollected(state, other)) continue;
      if (other.shipment() == shipment.shipment()) return true;
      taken -= std::min<uint64_t>(taken, CarriedBy(state, other, line));
    }
  }
  return false;
}

void RefreshReturns(v1::OrderState& state) {
  for (auto& line : *state.mutable_lines()) {
    if (!IsSettled(line.status()) || line.status() == v1::LINE_STATUS_CANCELLED) continue;
    const v1::LineStatus here = line.collect_at().empty() ? v1::LINE_STATUS_DELIVERED : v1::LINE_STATUS_COLLECTED;
    line.set_status(ReturnedOf(state, line) >= line.quantity() ? v1::LINE_STATUS_RETURNED
                    : IsReturning(state, line)                 ? v1::LINE_STATUS_RETURNING
                                                               : here);
  }
}

void AddReturned(const v1::OrderState& before, const v1::ShipmentObserved& observed,
                 std::vector<v1::OrderEvent>& events) {
  const v1::OrderState::Shipment* shipment = FindShipment(before, observed.shipment());
  if (shipment == nullptr || !shipment->return_leg() || observed.state() != v1::TRACKING_STATE_RETURNED) return;
  const bool known = shipment->has_returned_at() &&
                     runtime::FromProto(shipment->returned_at()) == runtime::FromProto(observed.state_since());
  if (known) return;
  v1::ShipmentReturned& returned = *events.emplace_back().mutable_shipment_returned();
  returned.set_shipment(observed.shipment());
  *returned.mutable_at() = observed.state_since();
  for (const auto& line : before.lines()) {
    const uint32_t quantity = CarriedBy(before, *shipment, line);
    if (quantity == 0) continue;
    v1::LineQuantity& back = *returned.add_quantities();
    back.set_line_id(line.line_id());
    back.set_quantity(quantity);
  }
}

void EvolveReturned(v1::OrderState& state, const v1::ShipmentReturned& returned) {
  for (auto& shipment : *state.mutable_shipments()) {
    if (shipment.shipment() == returned.shipment()) *shipment.mutable_returned_at() = returned.at();
  }
  RefreshReturns(state);
}

}  // namespace throughline::supplier

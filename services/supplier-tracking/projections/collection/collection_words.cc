#include "services/supplier-tracking/projections/collection/collection_words.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "services/supplier-tracking/domain/collection/collection.h"
#include "services/supplier-tracking/domain/standing.h"
#include "services/supplier-tracking/projections/concerns/concern_words.h"
#include "services/supplier-tracking/projections/order/customer_text.h"
#include "services/supplier-tracking/projections/order/quantities.h"
#include "services/supplier-tracking/projections/trace/trace.h"

namespace throughline::supplier {
namespace {

using absl::StrCat;

// What the customer calls that which the shipment carries.
std::string NamesIn(const v1::OrderView& order, const std::string& shipment) {
  for (const v1::OrderShipmentView& carrying : order.shipments()) {
    if (carrying.shipment() == shipment) return PartNames(order, carrying.line_ids(), carrying.quantities());
  }
  return "a part of your order";
}

}  // namespace

void CopyCollection(const v1::OrderState& state, v1::OrderView& view) {
  for (int i = 0; i < state.lines_size() && i < view.lines_size(); ++i) {
    const v1::OrderState::Line& from = state.lines(i);
    if (from.collect_at().empty()) continue;
    v1::OrderLineView& to = *view.mutable_lines(i);
    to.set_quantity_delivered(0);
    to.set_quantity_collected(from.collected());
    to.set_quantity_ready(std::max(ArrivedOf(state, from), from.collected()));
  }
  for (v1::OrderShipmentView& to : *view.mutable_shipments()) {
    const v1::OrderState::Shipment* from = FindShipment(state, to.shipment());
    if (from == nullptr) continue;
    to.set_collect_at(from->collect_at());
    to.clear_ready_at();
    if (from->has_ready_at()) *to.mutable_ready_at() = from->ready_at();
    to.clear_receipt_due();
    if (from->has_receipt_due()) *to.mutable_receipt_due() = from->receipt_due();
    to.set_collected(IsCollected(state, *from));
  }
}

bool IsAllThere(const v1::OrderView& order) {
  return absl::c_all_of(order.lines(), [](const v1::OrderLineView& line) { return IsThere(line.status()); });
}

bool MayBeCollected(const v1::OrderView& order, const v1::OrderShipmentView& shipment) {
  if (shipment.return_leg() || shipment.collected() || IsContradicted(order, shipment.shipment())) return false;
  if (!shipment.collect_at().empty()) return shipment.has_ready_at();
  return shipment.state() == v1::TRACKING_STATE_READY_FOR_PICKUP;
}

bool IsToBeReceived(const v1::OrderShipmentView& shipment) {
  const bool there = shipment.has_delivered_at() || shipment.state() == v1::TRACKING_STATE_READY_FOR_PICKUP;
  return there && !shipment.collect_at().empty() && !shipment.has_ready_at() && !shipment.collected();
}

v1::TrackingState StateForCustomer(const v1::OrderView& order, const v1::OrderShipmentView& shipment) {
  const bool ready = shipment.state() == v1::TRACKING_STATE_READY_FOR_PICKUP;
  if (shipment.collect_at().empty()) {
    return ready && IsContradicted(order, shipment.shipment()) ? v1::TRACKING_STATE_UNKNOWN : shipment.state();
  }
  if (shipment.collected()) return v1::TRACKING_STATE_DELIVERED;
  if (MayBeCollected(order, shipment)) return v1::TRACKING_STATE_READY_FOR_PICKUP;
  if (!ready && shipment.state() != v1::TRACKING_STATE_DELIVERED) return shipment.state();
  return IsContradicted(order, shipment.shipment()) ? v1::TRACKING_STATE_UNKNOWN : v1::TRACKING_STATE_IN_TRANSIT;
}

std::string StaffText(const v1::ShipmentAdded& added) {
  const std::string to = !added.collect_at().empty() ? StrCat(" (to store ", added.collect_at(), ")")
                         : added.last_leg()          ? " (to the customer)"
                                                     : "";
  return StrCat(added.return_leg() ? "return, leg " : "leg ", added.leg(), to, " with ", added.carrier(), " ",
                added.tracking_number(), ", ", LinesText(added.line_ids(), added.quantities()));
}

std::string StaffText(const v1::ShipmentDelivered& delivered) {
  const std::string where = !delivered.collect_at().empty()
                                ? StrCat("has reached store ", delivered.collect_at(), ", says the carrier: ")
                            : delivered.last_leg() ? "delivered to the customer: "
                                                   : "leg ended: ";
  return StrCat(where, delivered.shipment());
}

std::string StaffText(const v1::ShipmentReady& ready) {
  return ready.by_collection()
             ? StrCat(ready.shipment(), " was in store ", ready.store(), ": something of it was collected there")
             : StrCat("store ", ready.store(), " has received ", ready.shipment(), ": ready for collection");
}

std::string StaffText(const v1::ShipmentReadinessWithdrawn& withdrawn) {
  return StrCat("no longer ready for collection: ", withdrawn.shipment(), ", ", withdrawn.reason());
}

std::string StaffText(const v1::ReceiptAwaited& awaited) {
  return StrCat(awaited.shipment(), " is in store ", awaited.store(),
                ", says the carrier; the store's receipt scan is ", "awaited by ", TimeText(awaited.due()));
}

std::string StaffText(const v1::LinesCollected& collected) {
  const auto& noted = collected.without_receipt_line_ids();
  return StrCat("collected in store ", collected.store(), ": ",
                LinesText(LinesIn(collected.quantities()), collected.quantities()),
                noted.empty() ? "" : StrCat("; without the store's receipt scan: ", LinesText(noted)));
}

std::string CustomerText(const v1::ShipmentReady& ready, const v1::OrderView& order) {
  if (ready.by_collection()) return "";  // the collection itself says more
  return StrCat("Ready for you to collect in our store: ", NamesIn(order, ready.shipment()));
}

std::string CustomerText(const v1::ShipmentReadinessWithdrawn& withdrawn, const v1::OrderView& order) {
  return StrCat("Please do not come for it, and we find out where it is: ", NamesIn(order, withdrawn.shipment()));
}

std::string CustomerText(const v1::LinesCollected& collected, const v1::OrderView& order) {
  return StrCat("You collected: ", PartNames(order, LinesIn(collected.quantities()), collected.quantities()));
}

std::string SaidToBeInStore(const v1::OrderView& order, const v1::OrderShipmentView& shipment,
                            const std::string& what) {
  if (IsContradicted(order, shipment.shipment())) return "";
  const std::string carrier = absl::AsciiStrToUpper(shipment.carrier());
  if (shipment.has_ready_at()) return StrCat(carrier, " brought ", what, " to our store");
  return StrCat(carrier, " says that ", what, " is at our store; we check, and tell you when you can collect it");
}

void NameCollected(const v1::OrderEvent& event, v1::TraceEntry& entry) {
  if (event.has_shipment_ready()) {
    entry.set_shipment(event.shipment_ready().shipment());
  } else if (event.has_shipment_readiness_withdrawn()) {
    entry.set_shipment(event.shipment_readiness_withdrawn().shipment());
  } else if (event.has_receipt_awaited()) {
    entry.set_shipment(event.receipt_awaited().shipment());
  } else if (event.has_lines_collected()) {
    *entry.mutable_line_ids() = LinesIn(event.lines_collected().quantities());
    *entry.mutable_time() = event.lines_collected().collected_at();
  }
}

}  // namespace throughline::supplier

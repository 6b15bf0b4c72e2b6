#include "services/supplier-tracking/reactors/add_legs.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/shipment.h"
#include "services/supplier-tracking/projections/read.h"
#include "services/supplier-tracking/projections/tables.h"

namespace throughline::supplier {
namespace {

// Whether the commit says to whom a parcel was handed over, or whose parcel it is.
bool TellsOfNextLeg(const runtime::AcceptedCommit& commit) {
  return commit.stream.kind == Shipment::kKind && absl::c_any_of(commit.events, [](const runtime::MessagePtr& message) {
           const auto& event = static_cast<const v1::ShipmentEvent&>(*message);
           return event.has_announced() || event.status_recorded().has_handed_to() ||
                  event.status_amended().has_handed_to();
         });
}

}  // namespace

bool AddLegs::NeedsPresent(const runtime::AcceptedCommit& commit) const {
  return commit.stream.kind == Shipment::kKind && absl::c_any_of(commit.events, [](const runtime::MessagePtr& message) {
           const auto& event = static_cast<const v1::ShipmentEvent&>(*message);
           return event.status_recorded().has_handed_to() || event.status_amended().has_handed_to();
         });
}

void AddLegs::React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
                    runtime::Reactions& reactions) {
  ShipmentName name;
  if (!TellsOfNextLeg(commit) || !ParseShipmentStream(commit.stream.ToString(), name)) return;
  const auto view = kShipments.Get(reader, name.carrier, name.number, name.epoch);
  if (!view || !view->has_order_id() || view->handed_to().tracking_number().empty()) return;
  const v1::HandedTo& next = view->handed_to();
  const auto order = kOrders.Get(reader, view->order_id());
  const bool added = order && absl::c_any_of(order->view().shipments(), [&](const v1::OrderShipmentView& shipment) {
                       return shipment.carrier() == next.carrier() &&
                              shipment.tracking_number() == next.tracking_number() &&
                              shipment.return_leg() == view->return_leg();
                     });
  if (added) return;
  AddShipment command;
  command.request.set_order_id(view->order_id());
  command.request.set_carrier(next.carrier());
  command.request.set_tracking_number(next.tracking_number());
  command.request.set_follows(view->shipment());
  command.request.set_return_leg(view->return_leg());
  command.number =
      FactsOf(reader, next.carrier(), next.tracking_number(), view->order_id(), reactions.now(), view->return_leg());
  reactions.Execute<Order>({Order::kKind, view->order_id()}, std::move(command),
                           absl::StrCat("leg/", next.carrier(), "/", next.tracking_number()));
}

}  // namespace throughline::supplier

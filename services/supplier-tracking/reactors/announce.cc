#include "services/supplier-tracking/reactors/announce.h"

#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/shipment.h"
#include "services/supplier-tracking/projections/tables.h"

namespace throughline::supplier {

namespace {

// Tells the order's shipments its new zone.
void AnnounceAgain(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
                   const v1::OrderAmended& amended, runtime::Reactions& reactions) {
  const auto order = kOrders.Get(reader, commit.stream.key);
  if (!order) return;
  for (const v1::OrderShipmentView& shipment : order->view().shipments()) {
    ShipmentName name;
    if (!ParseShipmentStream(shipment.shipment(), name)) continue;
    AnnounceShipment command;
    v1::ShipmentAnnounced& announced = command.request;
    announced.set_order_id(commit.stream.key);
    announced.set_carrier(name.carrier);
    announced.set_tracking_number(name.number);
    announced.set_epoch(name.epoch);
    announced.set_leg(shipment.leg());
    announced.set_last_leg(shipment.last_leg());
    announced.set_return_leg(shipment.return_leg());
    announced.set_collect_at(shipment.collect_at());
    announced.set_order_version(commit.version);
    announced.set_destination_zone(amended.destination_zone());
    reactions.Execute<Shipment>({Shipment::kKind, ShipmentKey(name.carrier, name.number, name.epoch)},
                                std::move(command), "announce/" + shipment.shipment());
  }
}

}  // namespace

void AnnounceShipments::React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
                              runtime::Reactions& reactions) {
  if (commit.stream.kind != Order::kKind) return;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<v1::OrderEvent>(i);
    if (!event.amended().destination_zone().empty()) AnnounceAgain(commit, reader, event.amended(), reactions);
    if (!event.has_shipment_added()) continue;
    const v1::ShipmentAdded& added = event.shipment_added();
    AnnounceShipment command;
    v1::ShipmentAnnounced& announced = command.request;
    announced.set_order_id(commit.stream.key);
    announced.set_carrier(added.carrier());
    announced.set_tracking_number(added.tracking_number());
    announced.set_epoch(added.epoch());
    announced.set_leg(added.leg());
    announced.set_last_leg(added.last_leg());
    announced.set_return_leg(added.return_leg());
    announced.set_collect_at(added.collect_at());
    announced.set_order_version(commit.version);
    // Another zone that comes later is announced again.
    if (auto order = kOrders.Get(reader, commit.stream.key)) {
      announced.set_destination_zone(order->view().destination_zone());
    }
    reactions.Execute<Shipment>({Shipment::kKind, ShipmentKey(added.carrier(), added.tracking_number(), added.epoch())},
                                std::move(command), "announce/" + added.shipment());
  }
}

}  // namespace throughline::supplier

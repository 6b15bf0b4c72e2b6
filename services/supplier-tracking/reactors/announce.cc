#include "services/supplier-tracking/reactors/announce.h"

#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/shipment.h"
#include "services/supplier-tracking/projections/tables.h"

namespace throughline::supplier {

void AnnounceShipments::React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
                              runtime::Reactions& reactions) {
  if (commit.stream.kind != Order::kKind) return;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<v1::OrderEvent>(i);
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
    announced.set_order_version(commit.version);
    // The zone never changes after the placement, which is folded.
    if (auto order = kOrders.Get(reader, commit.stream.key)) {
      announced.set_destination_zone(order->view().destination_zone());
    }
    reactions.Execute<Shipment>({Shipment::kKind, ShipmentKey(added.carrier(), added.tracking_number(), added.epoch())},
                                std::move(command), "announce/" + added.shipment());
  }
}

}  // namespace throughline::supplier

#pragma once

// What is to be collected in a store of ours: in views, and in words for staff and customers. A customer is told to
// come only for what is ready: received by the store, and not in contradiction.
//
// Pure functions; any thread.

#include <string>

#include "throughline/supplier/v1/collection.pb.h"
#include "throughline/supplier/v1/order.pb.h"
#include "throughline/supplier/v1/rows.pb.h"
#include "throughline/supplier/v1/state.pb.h"
#include "throughline/supplier/v1/views.pb.h"

namespace throughline::supplier {

// Sets what is ready and collected of lines and shipments.
void CopyCollection(const v1::OrderState& state, v1::OrderView& view);

// Whether nothing of the order is missing: all of it is delivered, collected, cancelled or ready.
bool IsAllThere(const v1::OrderView& order);

// Whether the customer may be told to come for it.
bool MayBeCollected(const v1::OrderView& order, const v1::OrderShipmentView& shipment);
// Whether the carrier says that it is in a store of ours which has not received it.
bool IsToBeReceived(const v1::OrderShipmentView& shipment);
// Where the shipment is, as the customer reads it. What a carrier says to be in a store of ours is on its way until the
// store has received it.
v1::TrackingState StateForCustomer(const v1::OrderView& order, const v1::OrderShipmentView& shipment);

// For staff. A shipment may also end at the customer, or at the next carrier.
std::string StaffText(const v1::ShipmentAdded& added);
std::string StaffText(const v1::ShipmentDelivered& delivered);
std::string StaffText(const v1::ShipmentReady& ready);
std::string StaffText(const v1::ShipmentReadinessWithdrawn& withdrawn);
std::string StaffText(const v1::ReceiptAwaited& awaited);
std::string StaffText(const v1::LinesCollected& collected);

// For the customer; empty: nothing.
std::string CustomerText(const v1::ShipmentReady& ready, const v1::OrderView& order);
std::string CustomerText(const v1::ShipmentReadinessWithdrawn& withdrawn, const v1::OrderView& order);
std::string CustomerText(const v1::LinesCollected& collected, const v1::OrderView& order);
// A carrier says that it has brought `what` to a store of ours; empty while that is contradicted.
std::string SaidToBeInStore(const v1::OrderView& order, const v1::OrderShipmentView& shipment, const std::string& what);

// Sets what the entry is about.
void NameCollected(const v1::OrderEvent& event, v1::TraceEntry& entry);

}  // namespace throughline::supplier

#pragma once

// The order's row. Several projections fill it, each its own part from its own streams, so that it does not depend on
// the interleaving of topics. The fold's thread.

#include "libs/log/event_log.h"
#include "libs/store/batch.h"
#include "throughline/supplier/v1/rows.pb.h"

namespace throughline::supplier {

v1::OrderRow OrderRowOf(const store::Batch& batch, const std::string& order_id);

// Sets the view's owner and cases, writes the row and notifies watches. To be called for every commit that may change
// what is shown of the order; `position` is the commit's.
void PutOrderRow(store::Batch& batch, const std::string& order_id, const log::Position& position, v1::OrderRow& row);

// Copies what the shipment's own stream knows into the order's view of the shipment.
void CopyShipment(const v1::ShipmentView& from, v1::OrderShipmentView& to);

}  // namespace throughline::supplier

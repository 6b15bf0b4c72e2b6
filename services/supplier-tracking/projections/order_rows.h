#pragma once

// The order's row, which several projections fill: each its own part, from its own streams, so that it comes out the
// same whatever the interleaving of topics. The fold's thread.

#include "libs/log/event_log.h"
#include "libs/store/batch.h"
#include "throughline/supplier/v1/rows.pb.h"

namespace throughline::supplier {

v1::OrderRow OrderRowOf(const store::Batch& batch, const std::string& order_id);

// Works out who answers and which cases there are, writes the row and tells those who watch the order. `position`: of
// the commit that bears on the order; to be called for each that may change what is told of it.
void PutOrderRow(store::Batch& batch, const std::string& order_id, const log::Position& position, v1::OrderRow& row);

// What a shipment's own stream knows, into the order's view of it.
void CopyShipment(const v1::ShipmentView& from, v1::OrderShipmentView& to);

}  // namespace throughline::supplier

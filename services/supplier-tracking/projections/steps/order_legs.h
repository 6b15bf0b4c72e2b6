#pragma once

// How the shipments in the view of an order follow each other. Pure functions; any thread.

#include "throughline/supplier/v1/views.pb.h"

namespace throughline::supplier {

bool ShareLines(const v1::OrderShipmentView& a, const v1::OrderShipmentView& b);
// The leg that carries on what this shipment carries; nullptr if none is known.
const v1::OrderShipmentView* NextLegOf(const v1::OrderView& order, const v1::OrderShipmentView& shipment);
// The leg that this one follows; itself, if it follows none.
const v1::OrderShipmentView& LegBefore(const v1::OrderView& order, const v1::OrderShipmentView& shipment);
// Whether all that a failed shipment carried is on its way in a later one, or has arrived.
bool IsSentAgain(const v1::OrderView& order, const v1::OrderShipmentView& failed);

}  // namespace throughline::supplier

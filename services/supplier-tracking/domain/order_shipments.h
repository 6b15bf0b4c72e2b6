#pragma once

// What commands on an order have in common about its shipments. Pure functions; any thread.

#include "services/supplier-tracking/domain/order.h"

namespace throughline::supplier {

absl::Status OrderUnknown(const std::string& order_id);

// Adds ShipmentAdded for `shipment` (complete but for its name and epoch) to `events`, unless the order has it alike. A
// shipment that the order has carries the lines of both. FAILED_PRECONDITION NUMBER_IN_USE.
absl::Status AddTo(const v1::OrderState& state, const NumberFacts& number, v1::ShipmentAdded shipment,
                   std::vector<v1::OrderEvent>& events);

}  // namespace throughline::supplier

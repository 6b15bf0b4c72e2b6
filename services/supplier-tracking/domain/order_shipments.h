#pragma once

// Rules about shipments that several commands on an order share. Pure functions; any thread.

#include "services/supplier-tracking/domain/order.h"
#include "throughline/supplier/v1/state.pb.h"

namespace throughline::supplier {

absl::Status OrderUnknown(const std::string& order_id);

// Adds ShipmentAdded for `shipment` (complete except for name and epoch) to `events`, unless the order has it already
// just so. If the order has it with other lines, it carries both. FAILED_PRECONDITION NUMBER_IN_USE.
absl::Status AddTo(const v1::OrderState& state, const NumberFacts& number, v1::ShipmentAdded shipment,
                   std::vector<v1::OrderEvent>& events);

}  // namespace throughline::supplier

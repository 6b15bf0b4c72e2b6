#pragma once

// Rules about shipments that several commands on an order share. Pure functions; any thread.

#include <string>
#include <string_view>
#include <vector>

#include "libs/runtime/domain/refusal.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/quantities.h"
#include "throughline/supplier/v1/state.pb.h"

namespace throughline::supplier {

absl::Status OrderUnknown(const std::string& order_id);
// FAILED_PRECONDITION NO_SUCH_VENDOR.
absl::Status NoSuchVendor(const std::string& order_id, const std::string& vendor_id);

// Adds a violation for each quantity that is not of one of these lines, or not from 1 to what was ordered.
void CheckQuantities(runtime::FieldViolations& bad, const std::string& field, const Quantities& quantities,
                     const v1::OrderState& state, const std::vector<std::string>& lines);

// Adds ShipmentAdded for `shipment` (complete except for name and epoch) to `events`, unless the order has it already
// just so. If the order has it with other lines, it carries both; what was said of a quantity holds until it is said
// anew. FAILED_PRECONDITION NUMBER_IN_USE, DESTINATIONS_DIFFER. Only staff reads there which order has the number.
absl::Status AddTo(const v1::OrderState& state, const runtime::Caller& caller, const NumberFacts& number,
                   v1::ShipmentAdded shipment, std::vector<v1::OrderEvent>& events);

}  // namespace throughline::supplier

#pragma once

// When a carrier's messages about a shipment contradict each other, or it calls a parcel ready in a store of ours that
// has not received it, or another store has received it than the one where it is collected, the order has the concern
// CONTRADICTION: until the carrier has reported something clear since, the store has received it, or it has arrived.
//
// Pure functions; any thread.

#include <vector>

#include "throughline/supplier/v1/order.pb.h"
#include "throughline/supplier/v1/state.pb.h"

namespace throughline::supplier {

// Whether the observation leaves the shipment in contradiction. What was collected is clear.
bool IsContradictory(const v1::OrderState& state, const v1::ShipmentObserved& observed);

// Adds to `events`, which were decided on `before`, the concern that `observed` raises or clears.
void AddContradictionEvents(const v1::OrderState& before, const v1::ShipmentObserved& observed,
                            std::vector<v1::OrderEvent>& events);

}  // namespace throughline::supplier

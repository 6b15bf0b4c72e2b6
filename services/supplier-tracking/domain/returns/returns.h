#pragma once

// Returns: legs that bring what was delivered back to the sender, also under the number of the way out. A line that has
// arrived is RETURNING while such a leg carries it, and RETURNED once all of it has come back. The order stays as it
// was completed; its status in the view says how much has come back. Pure functions; any thread.

#include <vector>

#include "throughline/supplier/v1/order.pb.h"
#include "throughline/supplier/v1/state.pb.h"

namespace throughline::supplier {

// How many of the line have come back.
uint32_t ReturnedOf(const v1::OrderState& state, const v1::OrderState::Line& line);
// Whether a return carries it that has not come back.
bool IsReturning(const v1::OrderState& state, const v1::OrderState::Line& line);

// Whether a return that was added after it takes away what is in a store and was not collected from it. What was
// collected is returned first. It counts as failed: the promise is at risk until its lines are sent again.
bool GoesBack(const v1::OrderState& state, const v1::OrderState::Shipment& shipment);

// Sets lines that the customer has had DELIVERED or COLLECTED, RETURNING or RETURNED.
void RefreshReturns(v1::OrderState& state);

// Adds ShipmentReturned if by this report a return has come back, or did at another time than was said.
void AddReturned(const v1::OrderState& before, const v1::ShipmentObserved& observed,
                 std::vector<v1::OrderEvent>& events);
void EvolveReturned(v1::OrderState& state, const v1::ShipmentReturned& returned);

}  // namespace throughline::supplier

#pragma once

// When an order and its lines are expected, where that comes from and why: in views, for staff, and for the customer.
//
// Pure functions; any thread.

#include <string>

#include "throughline/supplier/v1/order.pb.h"
#include "throughline/supplier/v1/rows.pb.h"
#include "throughline/supplier/v1/state.pb.h"
#include "throughline/supplier/v1/views.pb.h"

namespace throughline::supplier {

// Sets the ETAs of the order's view and its lines, with their reasons for staff; and those for the customer in the row.
void CopyEtas(const v1::OrderState& state, v1::OrderRow& row);

// Whether the customer is told the time of the order's ETA: not when a carrier or a store said that it is there.
bool IsToldWhen(const v1::OrderView& order);

std::string StaffText(const v1::EtaChanged& changed);

}  // namespace throughline::supplier

#pragma once

// The entries that an order's own events add to its trace: in words for staff, and what they are about.
//
// Pure functions; any thread.

#include <string>

#include "throughline/supplier/v1/order.pb.h"
#include "throughline/supplier/v1/rows.pb.h"
#include "throughline/supplier/v1/views.pb.h"

namespace throughline::supplier {

// Empty: nothing but an observation, whose consequences are events of their own.
std::string TextOf(const v1::OrderEvent& event);

// Sets what the entry is about, and its change of the running values (carried.h).
// `before`: the order until then.
void Detail(const v1::OrderEvent& event, const v1::OrderView& before, v1::TraceRow& row);

}  // namespace throughline::supplier

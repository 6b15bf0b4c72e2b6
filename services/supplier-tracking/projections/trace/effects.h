#pragma once

// What an entry of an order's trace changed. Pure functions; any thread.

#include "throughline/supplier/v1/order.pb.h"
#include "throughline/supplier/v1/state.pb.h"
#include "throughline/supplier/v1/trace.pb.h"
#include "throughline/supplier/v1/views.pb.h"

namespace throughline::supplier {

// What a commit changes. `before`: the view before it.
v1::TraceEffect EffectOf(const v1::OrderView& before, const v1::OrderState& after);
// What an event changes that is not the first of its commit in the trace.
v1::TraceEffect EffectOf(const v1::OrderEvent& event);

}  // namespace throughline::supplier

#pragma once

// The timers of an order besides that of its promise: they follow from its state. The fold's thread.

#include "libs/store/batch.h"
#include "throughline/supplier/v1/rows.pb.h"
#include "throughline/supplier/v1/state.pb.h"

namespace throughline::supplier {

// Schedules the timers that the state needs, and cancels those that it needs no more. The row remembers them.
void SetOrderTimers(const v1::OrderState& state, v1::OrderRow& row, store::Batch& batch);

}  // namespace throughline::supplier

#pragma once

// What happens next with an order, by whom and by when: what its vendors said and have yet to say, where its shipments
// are, what we owe about its cases, and the promise. A statement without a time gives a step without a time: nothing is
// estimated here.
//
// Pure function; any thread.

#include "throughline/supplier/v1/rows.pb.h"
#include "throughline/supplier/v1/trace.pb.h"

namespace throughline::supplier {

// Sets next_step and later_steps. `view`: the order's view, as in the row.
void SetNextSteps(const v1::OrderRow& order, v1::Audience audience, v1::OrderView& view);

}  // namespace throughline::supplier

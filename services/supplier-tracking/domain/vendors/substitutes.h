#pragma once

// What is decided about lines of which something is missing: the customer takes another article or does not, or a part
// is cancelled. Pure functions; any thread.

#include <vector>

#include "absl/status/status.h"

#include "throughline/supplier/v1/order.pb.h"
#include "throughline/supplier/v1/order_change.pb.h"
#include "throughline/supplier/v1/state.pb.h"

namespace throughline::supplier {

// Adds to `amended` the lines that the request accepts and the offers that it declines, as far as that was not done
// before. FAILED_PRECONDITION SUBSTITUTE_UNKNOWN, LINE_SENT.
absl::Status AddSubstitutes(const v1::OrderState& state, const v1::AmendOrderRequest& request,
                            v1::OrderAmended& amended);

// `quantity` of the line are not to come any more. Nothing is missing of those.
void Withdraw(v1::OrderState& state, v1::OrderState::Line& line, uint32_t quantity);

// What Order::Evolve makes of the accepted lines, which the order has already, and of the declined offers. `alarms`: by
// line, before they were added. A line without a date that comes in place of an alarm is unknown.
void EvolveSubstitutes(v1::OrderState& state, const v1::OrderAmended& amended, const std::vector<bool>& alarms);

}  // namespace throughline::supplier

#pragma once

// What a vendor leaves us with is a concern of the order, about the line: fewer than ordered without a date for the
// rest (SHORT_SHIPPED), a refusal (REFUSED), an offer of another article (SUBSTITUTION). It ends when the rest is sent,
// cancelled or replaced, or when the vendor dates it; an offer also when the customer has decided, or the vendor says
// something else. A statement without a date ends neither of the first two.
//
// Pure function; any thread.

#include <vector>

#include "throughline/supplier/v1/order.pb.h"
#include "throughline/supplier/v1/state.pb.h"

namespace throughline::supplier {

// Adds to `events`, after which the order is `after`, the concerns that are raised or cleared by them.
void AddVendorConcerns(const v1::OrderState& after, std::vector<v1::OrderEvent>& events);

}  // namespace throughline::supplier

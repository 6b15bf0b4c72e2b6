#pragma once

// Fewer than ordered, lines in parts, and other articles: in words for staff and for the customer, and in the view of
// an order.
//
// Pure functions; any thread.

#include <string>

#include "throughline/supplier/v1/order.pb.h"
#include "throughline/supplier/v1/state.pb.h"
#include "throughline/supplier/v1/views.pb.h"

namespace throughline::supplier {

// What a customer calls the line: `Cup`; of a part of a line `Cup (part 2)`.
std::string NameOf(const v1::OrderLine& line);

// What a vendor says, for staff; empty if the event is not a vendor's.
std::string VendorText(const v1::OrderEvent& event);

// `order`: with its lines.
std::string CustomerText(const v1::VendorShortShipped& reported, const v1::OrderView& order);
std::string CustomerText(const v1::VendorSplit& reported, const v1::OrderView& order);
std::string CustomerText(const v1::VendorSubstituted& reported, const v1::OrderView& order);

// `2 Cups, blue instead of Cups`.
std::string OfferForCustomer(const v1::SubstituteOffer& offer, const v1::OrderLine& line);

// Adds the lines that the parts become.
void ApplySplit(const v1::VendorSplit& split, v1::OrderView& view);
// Copies what the rules know of a line's quantity, and of what is missing.
void CopyMissing(const v1::OrderState& state, const v1::OrderState::Line& from, v1::OrderLineView& to);

}  // namespace throughline::supplier

#pragma once

// What a vendor says of its lines. Each statement has the time at which it was made. The status and the dates of a line
// follow from its statements in the order of that time, so that an older one never overrides a newer one, and any order
// of arrival gives the same line:
//
// - A statement with a date replaces the dates before it; a backorder and a refusal replace them even without one.
// - A statement without a date leaves them. A date that had passed when it was stated is kept and not used.
// - Once all of the line is dispatched, only dispatches count.
// - Fewer than ordered, and another article that is offered, are statements like a backorder. What we cancel, or the
//   customer takes in place of it, is not missing any more (vendors/substitutes.h).
// - Parts of a line are a fact: they stay, whatever is said before or after. Only their dates are statements.
//
// Pure functions; any thread.

#include <string>

#include "throughline/supplier/v1/order.pb.h"
#include "throughline/supplier/v1/state.pb.h"

namespace throughline::supplier {

inline constexpr int kMostStatements = 30;

// Whether the vendor's last statement on the line says the same.
bool SaysTheSame(const v1::OrderState::Line& line, uint64_t word);
// Whether the line was dispatched as a whole by a statement that is later than `stated_at`.
bool WasDispatchedLater(const v1::OrderState::Line& line, const google::protobuf::Timestamp& stated_at);

// The statement that gives the line its status; nullptr if none does.
const v1::VendorStatement* LastWordOn(const v1::OrderState::Line& line);
// Whether the vendor has dated what it has of the line.
bool HasVendorDate(const v1::OrderState::Line& line);

// Adds the statement to the line, unless it has it, and draws the conclusions. False, and nothing is changed, if it is
// older than the kMostStatements that the line keeps.
bool AddStatement(v1::OrderState::Line& line, const v1::VendorStatement& said);
// Whether the vendor lacks the line by its statements, and has not dated it since.
bool LacksWithoutDate(const v1::OrderState::Line& line);
// Draws the conclusions anew, after statements were changed by a decision of ours. `lacked`: LacksWithoutDate before;
// what is unknown for another reason stays so.
void RefoldStatements(v1::OrderState::Line& line, bool lacked);

void EvolveVendor(v1::OrderState& state, const v1::VendorAcknowledged& reported);
void EvolveVendor(v1::OrderState& state, const v1::VendorBackordered& reported);
void EvolveVendor(v1::OrderState& state, const v1::VendorDelayed& reported);
void EvolveVendor(v1::OrderState& state, const v1::VendorRefused& reported);
void EvolveVendor(v1::OrderState& state, const v1::VendorDispatched& reported);
void EvolveVendor(v1::OrderState& state, const v1::VendorShortShipped& reported);
void EvolveVendor(v1::OrderState& state, const v1::VendorSplit& reported);
void EvolveVendor(v1::OrderState& state, const v1::VendorSubstituted& reported);

// The word of the event; 0 if it is not a vendor's.
uint64_t WordOfEvent(const v1::OrderEvent& event);

}  // namespace throughline::supplier

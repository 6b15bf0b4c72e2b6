#pragma once

// Whether it is an alarm when a line is expected (eta/expectation.h).
//
// Nothing unknown clears an alarm: a line that was expected too late, lost or unknown has no alarm any more only once
// something dates all that is left of it in time. What carries no date, such as an acknowledgement, a dispatch or a
// parcel found, leaves its time unknown. So does what our history says of a way, unless somebody dates its beginning.
//
// Pure functions; any thread.

#include <vector>

#include "throughline/supplier/v1/order.pb.h"
#include "throughline/supplier/v1/state.pb.h"

namespace throughline::supplier {

// A shipment that carries the line and was lost or goes back; nullptr if there is none.
const v1::OrderState::Shipment* FailureOf(const v1::OrderState& state, const v1::OrderState::Line& line);

// By line, whether it has an alarm.
std::vector<bool> AlarmsOf(const v1::OrderState& state);
// Marks lines as unknown that had an alarm before the event and lost it without a date; as known those that the event
// dated. To be called after each event.
void KeepAlarms(const std::vector<bool>& before, const v1::OrderEvent& event, v1::OrderState& state);

}  // namespace throughline::supplier

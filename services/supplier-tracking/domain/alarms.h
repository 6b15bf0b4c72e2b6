#pragma once

// When a line is expected, and whether that is an alarm.
//
// Nothing unknown clears an alarm: a line that was expected too late, lost or unknown has no alarm any more only once
// something dates all that is left of it in time. What carries no date, such as an acknowledgement, a dispatch or a
// parcel found, leaves its time unknown.
//
// Pure functions; any thread.

#include <optional>
#include <string>
#include <vector>

#include "throughline/supplier/v1/order.pb.h"
#include "throughline/supplier/v1/state.pb.h"

namespace throughline::supplier {

// The ETA of a line: the latest of its last legs; without one, or while a part of it is not sent, its vendor's, not
// before dispatch or restock. nullopt if nothing is known. Sets `shipment` if the ETA is a carrier's. What a carrier
// calls delivered to a store that has not received it is expected then.
std::optional<v1::Eta> ExpectationOf(const v1::OrderState& state, const v1::OrderState::Line& line,
                                     std::string& shipment);

// A shipment that carries the line and was lost or goes back; nullptr if there is none.
const v1::OrderState::Shipment* FailureOf(const v1::OrderState& state, const v1::OrderState::Line& line);

// By line, whether it has an alarm.
std::vector<bool> AlarmsOf(const v1::OrderState& state);
// Marks lines as unknown that had an alarm before the event and lost it without a date; as known those that the event
// dated. To be called after each event.
void KeepAlarms(const std::vector<bool>& before, const v1::OrderEvent& event, v1::OrderState& state);

}  // namespace throughline::supplier

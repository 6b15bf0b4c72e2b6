#pragma once

// The serial numbers of an order's articles: what was packed (the vendor's dispatch, or RecordSerial), what is on the
// box and what is on the device. They are compared as soon as two of them are known. What differs is a concern,
// SERIAL_MISMATCH, of the line, until it is the same; it names its kind of fault, so that the third of a kind is seen.
//
// Case, blanks and hyphens do not count. Packed numbers are those of the whole line: an article's number must be among
// them once all of them are known.
//
// Pure functions; any thread.

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

#include "throughline/supplier/v1/order.pb.h"
#include "throughline/supplier/v1/serial.pb.h"
#include "throughline/supplier/v1/state.pb.h"

namespace throughline::supplier {

// The number as it is compared.
std::string SerialKey(std::string_view number);

// What does not fit together on the line, in a sentence; empty: nothing.
std::string MismatchOf(const v1::OrderState::Line& line);

// Adds to `events`, which were decided on `before`, the concerns that they raise or clear. `at`: when they were found.
void AddSerialEvents(const v1::OrderState& before, absl::Time at, std::vector<v1::OrderEvent>& events);

// What Order::Evolve makes of the events.
void EvolveSerials(v1::OrderState& state, const v1::SerialRecorded& recorded);
void EvolveSerials(v1::OrderState& state, const v1::VendorDispatched& dispatched);

}  // namespace throughline::supplier

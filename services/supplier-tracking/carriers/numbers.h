#pragma once

// Tracking numbers as carriers and people write them, and their check digits. What a carrier's numbers look like is in
// its map (CarrierNumbers). Pure functions; any thread.

#include <string>
#include <string_view>

#include "throughline/supplier/v1/carrier_map.pb.h"

namespace throughline::supplier {

struct TrackingNumber {
  std::string number;   // empty if there is a problem
  std::string problem;  // a text that fits after a field's name: it is not a tracking number
  std::string warning;  // a text that fits after a field's name: its check digit is wrong
};

// In upper case, without what carries no meaning.
TrackingNumber ReadNumber(const v1::CarrierNumbers& numbers, std::string_view text);

// Whether the check digit of a number of that form is right; true if the number is not of that form.
bool HasRightCheckDigit(v1::CheckDigit check, std::string_view number);

}  // namespace throughline::supplier

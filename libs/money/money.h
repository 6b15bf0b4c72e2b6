#pragma once

// Amounts of money as people write them, in the currencies of ISO 4217. Amounts are whole minor units, so that nothing
// is ever rounded.
//
//   absl::StatusOr<common::v1::Money> money = ParseMoney("20.00 USD");   // 2000 minor units
//   MoneyText(*money);                                                   // "20.00 USD"
//
// Pure functions; any thread.

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "throughline/common/v1/money.pb.h"

namespace throughline::money {

// How many digits the currency has after its point; none: ISO 4217 has no such currency.
std::optional<int> DigitsOf(absl::string_view currency);

common::v1::Money Of(absl::string_view currency, int64_t minor_units);

// The amount, a space, the code. At most as many digits after the point as the currency has; none at all is allowed.
// INVALID_ARGUMENT: says what to write instead.
absl::StatusOr<common::v1::Money> ParseMoney(absl::string_view text);

// As ParseMoney reads it, with all digits. Of a currency that is not known: the minor units and the code.
std::string MoneyText(const common::v1::Money& money);

}  // namespace throughline::money

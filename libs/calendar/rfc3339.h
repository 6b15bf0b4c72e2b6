#pragma once

// Times as RFC 3339 writes them, with their offset: `2026-11-24T18:00:00+01:00`. Pure; any thread.

#include <optional>
#include <string_view>

#include "absl/time/time.h"

namespace throughline::calendar {

// Absent: the text has another form, or is a date or time that cannot be.
std::optional<absl::Time> ParseRfc3339(std::string_view text);

}  // namespace throughline::calendar

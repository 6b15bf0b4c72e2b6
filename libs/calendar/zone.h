#pragma once

// Time zones by their IANA names, as this machine knows them. Any thread.

#include <optional>
#include <string>

#include "absl/time/time.h"

namespace throughline::calendar {

// Absent: there is no such zone. Safe for any input, also from outside.
std::optional<absl::TimeZone> FindZone(const std::string& name);

}  // namespace throughline::calendar

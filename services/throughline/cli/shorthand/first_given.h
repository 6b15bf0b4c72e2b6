#pragma once

// Remembers when a command was first given. `--due +2h` counts from then, so that repeating the command line after an
// unknown outcome sends the same request and has no second effect.
//
// One small file per command in the data directory, kept for a week. Any thread, any process.

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace throughline::tool {

inline constexpr absl::Duration kFirstGivenIsKept = absl::Hours(7 * 24);

// The time at which `command` was first given: `now` if it is new. `command` is the text of the whole command: caller,
// command id, and request. FAILED_PRECONDITION: the file could not be written; says why.
absl::StatusOr<absl::Time> FirstGiven(const std::string& data, std::string_view command, absl::Time now);

// The same for any text: the first `answer` recorded for the command, or this one. The error suggests `instead`.
absl::StatusOr<std::string> FirstSaid(const std::string& data, std::string_view question, const std::string& answer,
                                      const std::string& instead, absl::Time now);
// Reads it without recording anything. None: nothing was recorded.
std::optional<std::string> WhatWasSaid(const std::string& data, std::string_view question);

}  // namespace throughline::tool

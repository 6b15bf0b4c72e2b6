#pragma once

// When a command was first given. `--due +2h` counts from then, so that the same command line, given again because the
// outcome of the first was unknown, asks for the same again and has no second effect.
//
// Kept for a week, a small file per command, in the data directory. Any thread, any process.

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace throughline::tool {

inline constexpr absl::Duration kFirstGivenIsKept = absl::Hours(7 * 24);

// `now`, if what `command` names was not given before. Two commands are the same if their texts are: who gives it, its
// id, and all that it asks for. FAILED_PRECONDITION: it cannot be kept; says why.
absl::StatusOr<absl::Time> FirstGiven(const std::string& data, std::string_view command, absl::Time now);

// What was said first in answer to a question about a command, for as long: `answer`, if nothing was. Kept in the same
// way; the error says `instead`.
absl::StatusOr<std::string> FirstSaid(const std::string& data, std::string_view question, const std::string& answer,
                                      const std::string& instead, absl::Time now);
// The same without saying anything. None: nothing was said.
std::optional<std::string> WhatWasSaid(const std::string& data, std::string_view question);

}  // namespace throughline::tool

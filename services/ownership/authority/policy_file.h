#pragma once

// A policy of authority, read from a TOML file. services/ownership/README.md shows one.

#include <string>

#include "absl/status/statusor.h"

#include "libs/calendar/calendars.h"
#include "services/ownership/authority/policy.h"

namespace throughline::ownership {

// INVALID_ARGUMENT: the file says something that cannot be; the message has a line for each such thing, with its place.
// `calendars`: those of the server, one of which the policy may name.
absl::StatusOr<AuthorityPolicy> ReadPolicy(const std::string& path, const calendar::Calendars& calendars);
absl::StatusOr<AuthorityPolicy> ParsePolicy(const std::string& text, const calendar::Calendars& calendars);

}  // namespace throughline::ownership

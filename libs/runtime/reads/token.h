#pragma once

// A token: positions that a reader wants to have been folded, as an opaque string for clients. Any thread.

#include "absl/status/statusor.h"

#include "libs/log/event_log.h"

namespace throughline::runtime {

// 8 bytes that tell this log's tokens from another's.
std::string TokenMark(const log::Identity& identity);

// `mark` is of the log that the positions are of.
std::string MakeToken(const std::string& mark, std::vector<log::Position> places);

// INVALID_ARGUMENT with a field violation on `consistency_token`: not a token, or one of another installation. An empty
// string is no positions.
absl::StatusOr<std::vector<log::Position>> ReadToken(const log::Identity& identity, std::string_view token);

// What identifies a log, as bytes; equal for equal identities.
std::string IdentityBytes(const log::Identity& identity);

}  // namespace throughline::runtime

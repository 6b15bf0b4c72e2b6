#pragma once

// A consistency token: the positions that must be folded before a read is answered, as an opaque string for clients.
// Any thread.

#include "absl/status/statusor.h"

#include "libs/log/event_log.h"
#include "libs/runtime/fold/seen.h"

namespace throughline::runtime {

// 8 bytes that tell this log's tokens from another's.
std::string TokenMark(const log::Identity& identity);

// `mark` is of the log that the positions are of.
std::string MakeToken(const std::string& mark, std::vector<log::Position> places);

// INVALID_ARGUMENT with a violation of `field`: not a token, or one of another installation. An empty string is no
// positions.
absl::StatusOr<std::vector<log::Position>> ReadToken(const log::Identity& identity, std::string_view token,
                                                     absl::string_view field = "consistency_token");

// How far a watch has told what it watches: a token, too. What it means is the same on every replica, as what a commit
// changed is.
struct WatchPosition {
  std::string question;  // names what is watched
  Seen told;             // what commits up to here changed has been told ...
  // ... but what lies between `from` and `told` only up to `after`, in the watch's own order. Empty: to its end.
  Seen from = {};
  std::string after = {};
  bool operator==(const WatchPosition&) const = default;
};
std::string MakeWatchToken(const std::string& mark, const WatchPosition& position);
// INVALID_ARGUMENT with a violation of `field`, as above, or it was given by a watch of something else, or by none.
absl::StatusOr<WatchPosition> ReadWatchToken(const log::Identity& identity, std::string_view token,
                                             std::string_view question, absl::string_view field);

// What identifies a log, as bytes; equal for equal identities.
std::string IdentityBytes(const log::Identity& identity);

}  // namespace throughline::runtime

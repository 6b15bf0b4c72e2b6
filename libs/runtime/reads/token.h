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

// How far a watch has sent what it watches; its token is a consistency token, too. It means the same on every replica.
struct WatchPosition {
  std::string question;  // names what is watched
  // All changes up to `told` were sent; those after `from` only up to the key `after`, in the watch's own order.
  Seen told;
  Seen from = {};
  std::string after = {};  // empty: all were sent
  bool operator==(const WatchPosition&) const = default;
};
std::string MakeWatchToken(const std::string& mark, const WatchPosition& position);
// INVALID_ARGUMENT with a violation of `field`: as above, or the token was not given by a watch of this question.
absl::StatusOr<WatchPosition> ReadWatchToken(const log::Identity& identity, std::string_view token,
                                             std::string_view question, absl::string_view field);

// What identifies a log, as bytes; equal for equal identities.
std::string IdentityBytes(const log::Identity& identity);

}  // namespace throughline::runtime

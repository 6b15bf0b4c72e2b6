#pragma once

// Whether servers serve, by gRPC's health protocol (grpc.health.v1.Health/Watch). A call goes to one replica; this asks
// every address. It needs no credential.
//
//   absl::StatusOr<std::vector<ServerHealth>> found = AskHealth(options, {}, absl::Seconds(60));
//   if (found.ok() && AllServe(*found)) ...
//
// Blocks the calling thread, which may be any.

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/client/client.h"

namespace throughline::client {

// One service at one address.
struct ServerHealth {
  enum class State { kServing, kNotServing, kNotServedThere, kNotReached };
  std::string address;
  std::string service;  // "intake", ...
  State state = State::kNotReached;
  absl::Status why;  // if not reached
};

// Asks about these services, or about all that the addresses name; the token and `tries` are not used. An address that
// is not of one named service is asked about every service, and those that it does not serve are left out of the
// answer, unless it serves none.
//
// With `wait`, watches until all serve at the same time, or for that long; a server that is not reached is tried again
// meanwhile. Otherwise each is asked once, within Options::timeout.
//
// INVALID_ARGUMENT: an address is malformed, or a service has none.
absl::StatusOr<std::vector<ServerHealth>> AskHealth(const Options& options, const std::vector<std::string>& services,
                                                    std::optional<absl::Duration> wait = std::nullopt);

bool AllServe(const std::vector<ServerHealth>& found);

}  // namespace throughline::client

#pragma once

// Divides this process's file descriptors, so that connections leave enough for the stores and the log. Any thread.

#include <cstdint>

#include "absl/status/statusor.h"

namespace throughline::server {

// Raises the soft limit to the hard limit. Returns the limit in force.
int64_t RaiseDescriptorLimit();

// `wanted`, or as many connections as `limit` allows beside `reserved`. FAILED_PRECONDITION, with what to do: too few
// are left.
absl::StatusOr<int> ConnectionsWithin(int64_t limit, int64_t reserved, int wanted);

}  // namespace throughline::server

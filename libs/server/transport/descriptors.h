#pragma once

// Descriptors: how many this process may have, and how they are shared out, so that connections never take those that
// the stores and the log need. Any thread.

#include <cstdint>

#include "absl/status/statusor.h"

namespace throughline::server {

// Raises the soft limit to the hard one; what is in force then.
int64_t RaiseDescriptorLimit();

// `wanted` connections, or as many as `limit` leaves besides `reserved`. FAILED_PRECONDITION, with what to do: it
// leaves too few to serve anybody.
absl::StatusOr<int> ConnectionsWithin(int64_t limit, int64_t reserved, int wanted);

}  // namespace throughline::server

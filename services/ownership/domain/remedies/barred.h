#pragma once

// A command that is refused for a reason that does not depend on its stream. It is given to the stream all the same, so
// that a retry of an earlier try that had its effect is answered as before. Pure; any thread.

#include "absl/status/status.h"

namespace throughline::ownership {

template <typename Request>
struct Barred {
  Request request;
  absl::Status why;
};

}  // namespace throughline::ownership

#pragma once

// What a call's status means for its next try. Internal to this library. Pure functions; safe from any thread.

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace throughline::client {

// Whether to try another replica: this one does not answer, or says that it cannot answer now.
bool TryElsewhere(const absl::Status& status);

// Whether to send the same request to the same server later: it does not answer, or it is overloaded and says how long
// to wait.
bool TryLater(const absl::Status& status);

// The pause before try number `next_try` (2, 3, ...): at least the delay that the answer asks for.
absl::Duration PauseBefore(int next_try, const absl::Status& answer);

}  // namespace throughline::client

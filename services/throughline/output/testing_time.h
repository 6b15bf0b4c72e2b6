#pragma once

// The current time in the tests of the tool.

#include "absl/time/time.h"

namespace throughline::tool {

inline const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

}  // namespace throughline::tool

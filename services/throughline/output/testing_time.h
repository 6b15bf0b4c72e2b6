#pragma once

// The time that it is in this program's tests.

#include "absl/time/time.h"

namespace throughline::tool {

inline const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

}  // namespace throughline::tool

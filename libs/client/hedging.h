#pragma once

// When a call that is not answered is also sent to another replica; README.md, "Hedging".

#include "absl/time/time.h"

namespace throughline::client {

struct Hedging {
  // The usual time of a call is this quantile of the recent latencies of its method, within these bounds. A call that
  // takes longer is sent to another replica, too.
  double quantile = 0.99;
  absl::Duration least = absl::Milliseconds(25);
  absl::Duration most = absl::Milliseconds(500);  // also until some calls of the method were answered
  // Each call earns this many hedges, and at most `burst` are saved up.
  double budget = 0.05;
  int burst = 10;
  bool on = true;
};

// Of one client, since it was made.
struct HedgeCounts {
  int64_t calls = 0;
  int64_t hedges = 0;  // calls sent to another replica while the first had not answered
  int64_t moved = 0;   // of those, because the first was found to hang; they need no budget
  int64_t won = 0;     // hedges that answered first
};

}  // namespace throughline::client

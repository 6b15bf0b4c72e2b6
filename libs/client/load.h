#pragma once

// Load with a fixed number of calls in flight, and what came of it.

#include <functional>
#include <vector>

#include "absl/time/time.h"

namespace throughline::client {

struct Measured {
  double per_second = 0;  // of answers, without the warm-up
  double p50_ms = 0;
  double p99_ms = 0;
  int64_t answers = 0;
  int64_t failures = 0;
};

// Begins call number n; `done(ok)` is to be called once, on any thread, not before `start` returns on the same stack
// too deep to matter. Thread-safe.
using StartCall = std::function<void(int64_t n, std::function<void(bool ok)> done)>;

// Keeps `in_flight` calls under way: for `warm_up` unmeasured, then for `measure`; then waits for the last answers.
Measured Drive(int in_flight, absl::Duration warm_up, absl::Duration measure, const StartCall& start);

// Exactly `calls` calls, with `in_flight` under way. Answers how many failed.
int64_t DriveCount(int in_flight, int64_t calls, const StartCall& start);

// The p-th fraction (0 to 1) of the values, in milliseconds. Sorts them.
double Percentile(std::vector<absl::Duration>& values, double p);

}  // namespace throughline::client

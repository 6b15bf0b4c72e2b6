#pragma once

// Generates load with a fixed number of calls in flight and measures it.

#include <functional>
#include <vector>

#include "absl/time/time.h"

namespace throughline::client {

struct Measured {
  double per_second = 0;  // answers after the warm-up
  double p50_ms = 0;
  double p99_ms = 0;
  int64_t answers = 0;
  int64_t failures = 0;
};

// Begins call number n. It must call `done(ok)` once, on any thread; a call of `done` from within `start` recurses, so
// that must not be the rule. Must be thread-safe.
using StartCall = std::function<void(int64_t n, std::function<void(bool ok)> done)>;

// Keeps `in_flight` calls running, for `warm_up` unmeasured, then for `measure`; then waits for the last answers.
Measured Drive(int in_flight, absl::Duration warm_up, absl::Duration measure, const StartCall& start);

// Makes exactly `calls` calls, `in_flight` at a time. Returns how many failed.
int64_t DriveCount(int in_flight, int64_t calls, const StartCall& start);

// The p-quantile (p from 0 to 1) of the values, in milliseconds. Sorts the values.
double Percentile(std::vector<absl::Duration>& values, double p);

}  // namespace throughline::client

#pragma once

// Over gRPC, a suite as a process against the bare services of reference.h as a process, by the same client.

#include "libs/client/client.h"
#include "libs/client/load.h"
#include "tests/bench/report.h"

namespace throughline::bench {

struct Size {
  double seconds = 4;  // of each measurement
  // Suite and reference in turn, and the best of each counts: machines that others share change their pace within
  // seconds.
  int rounds = 5;
  int latency_rounds = 10;          // of what is compared by its 99th percentile, which any pause of the machine spoils
  int64_t rebuild_orders = 30'000;  // and as many cases
  int64_t small_orders = 10'000;
  int64_t large_orders = 1'000'000;
  int64_t timers = 1'000'000;
  int watchers = 10'000;
  double broker_warm_up = 40;  // seconds of load until a broker's virtual machine has compiled what it runs
};

// OpenCase, `in_flight` at a time, after a second to warm up; the case ids follow from `run`, which is new each time.
// Ends the process if one fails.
client::Measured DriveOpenCase(const client::Client& client, const std::string& run, int in_flight, double seconds);

void MeasureOpenCase(const Size& size, Report& report);
void MeasurePush(const Size& size, Report& report);
void MeasureRebuildOf(const Size& size, Report& report);
void MeasureTrace(const Size& size, Report& report);

}  // namespace throughline::bench

#pragma once

// The gRPC benchmarks: a suite process against the reference process (reference.h), with the same client.

#include "libs/client/client.h"
#include "libs/client/load.h"
#include "tests/bench/support/fixture.h"
#include "tests/bench/support/report.h"

namespace throughline::bench {

struct Size {
  double seconds = 4;  // per measurement
  // Suite and reference take turns, and the best round of each counts: the speed of a shared machine changes within
  // seconds.
  int rounds = 5;
  int latency_rounds = 10;  // for 99th percentiles, which any pause of the machine distorts
  std::vector<int> in_flight = {1, 16, 64, 256};
  int64_t rebuild_orders = 30'000;  // and as many cases
  int64_t small_orders = 10'000;
  int64_t large_orders = 1'000'000;
  int64_t full_orders = 1'000'000;  // each with ten events
  int64_t flat_cases = 10'000'000;
  bool cold = false;              // they are read from the disk
  int64_t long_stream = 100'000;  // commits
  int64_t long_case = 10'000;     // interactions
  int64_t timers = 1'000'000;
  int64_t shipments = 1'000'000;  // simulated, see risk.h
  int watchers = 10'000;
  int64_t linked_cases = 10'000;
  double broker_warm_up = 40;  // seconds of load until a broker's JIT has compiled its code
};

// OpenCase, `in_flight` at a time, after a second of warm-up. `run` must be new each time: the case ids derive from it.
// `about_orders`: each about an order of its own, so that a matter is reserved for it. A failed call ends the process.
client::Measured DriveOpenCase(const client::Client& client, const std::string& run, int in_flight, double seconds,
                               bool about_orders = false);

// Orders, and histories of some of them, spread evenly.
struct Histories {
  int64_t orders = 2000;
  int scans = 4;
};
void LoadOrders(const RunningSuite& suite, int64_t orders, const Histories& histories = {});

void MeasureOpenCase(const Size& size, Report& report);
// What a matter's reservation costs.
void MeasureMatters(const Size& size, Report& report);
void MeasurePush(const Size& size, Report& report);
// Carriers' payloads of one scan each.
void MeasurePushRaw(const Size& size, Report& report);
void MeasureRebuildOf(const Size& size, Report& report);
void MeasureRebuildBeside(const Size& size, Report& report);
void MeasureTrace(const Size& size, Report& report);
// TraceOrder where every order has a history: the store is far larger than the cache.
void MeasureTraceFull(const Size& size, Report& report);

}  // namespace throughline::bench

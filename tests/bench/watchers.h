#pragma once

// What thousands of watchers in a large outage, and a million timers, cost those who want something else.

#include "tests/bench/report.h"
#include "tests/bench/throughput.h"

namespace throughline::bench {

// The 99th percentile of OpenCase while there is news about 500 active notices, with and without those who follow them.
void MeasureWatchers(const Size& size, Report& report);
// A look for due timers, and a page of a list, among a million rows and among a thousand.
void MeasureTimers(const Size& size, Report& report);

}  // namespace throughline::bench

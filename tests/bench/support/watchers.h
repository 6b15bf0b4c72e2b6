#pragma once

// What thousands of watchers in a large outage, and a million timers, cost other callers; what lists cost with a
// million cases.

#include "tests/bench/support/report.h"
#include "tests/bench/throughput.h"

namespace throughline::bench {

// The 99th percentile of OpenCase during news about 500 active notices, with and without followers.
void MeasureWatchers(const Size& size, Report& report);
// A lookup of due timers, and a page of a list, with a million rows and with a thousand.
void MeasureTimers(const Size& size, Report& report);
// Pages of worklists with a million cases and with ten thousand; of histories with ten thousand entries and a hundred.
void MeasureWorklists(const Size& size, Report& report);
void MeasureHistories(const Size& size, Report& report);
// Searches of a million cases.
void MeasureSearch(const Size& size, Report& report);

}  // namespace throughline::bench

#pragma once

// How well a promise at risk is known one day ahead: by our own history, and by the carrier's ETA alone.

#include "tests/bench/support/report.h"
#include "tests/bench/throughput.h"

namespace throughline::bench {

// A simulated year of orders of three vendors with four carriers, some of them delayed. The first four fifths make the
// history (services/supplier-tracking/lanes); of the last fifth it is asked, one day before each promise, whether it
// will be broken. The same in every run.
void MeasureRisk(const Size& size, Report& report);

}  // namespace throughline::bench

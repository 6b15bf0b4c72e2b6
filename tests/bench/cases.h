#pragma once

// What commands about cases cost as cases become many: altogether, of one customer, and of one owner.

#include "tests/bench/support/report.h"
#include "tests/bench/throughput.h"

namespace throughline::bench {

// Each command with a million cases and with ten thousand, 64 in flight: time and the suite's processor time per
// command. Opens the cases through the API, which takes minutes.
void MeasureCases(const Size& size, Report& report);

}  // namespace throughline::bench

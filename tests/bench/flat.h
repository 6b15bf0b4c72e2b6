#pragma once

// Ten million cases beside ten thousand: what a command costs, memory, a start, a verification, and the disk.

#include "tests/bench/support/report.h"
#include "tests/bench/throughput.h"

namespace throughline::bench {

// The cases are written straight into a log, as intake would have, and then folded by all services.
void MeasureFlat(const Size& size, Report& report);

}  // namespace throughline::bench

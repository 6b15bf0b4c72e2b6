#pragma once

// What commands cost on streams with a long history, beside the same on short ones.

#include "tests/bench/support/report.h"
#include "tests/bench/throughput.h"

namespace throughline::bench {

// RecordInteraction on a case with 100,000 interactions and on some with 10,000, and pushes for shipments with 500
// scans, each compared with ten: time and the suite's processor time per command. Fills them through the API, which
// takes two minutes.
void MeasureLong(const Size& size, Report& report);

}  // namespace throughline::bench

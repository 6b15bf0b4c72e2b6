#pragma once

// An outage with ten thousand cases, see notice_links.cc.

#include "tests/bench/throughput.h"

namespace throughline::bench {

void MeasureNoticeLinks(const Size& size, Report& report);

}  // namespace throughline::bench

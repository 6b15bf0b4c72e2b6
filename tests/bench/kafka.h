#pragma once

// Services on a single-node Kafka, compared with Kafka's own tools and bare clients on the same broker.

#include "tests/bench/throughput.h"

namespace throughline::bench {

void MeasureKafka(const Size& size, Report& report);

}  // namespace throughline::bench

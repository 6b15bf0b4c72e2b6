#pragma once

// Kafka without anything of ours: what the Kafka benchmarks are measured against.

#include <string>

#include "absl/status/statusor.h"

namespace throughline::bench {

// Reads all partitions of a topic from the first offset to where it ends now; answers records per second, without the
// time that joining takes: from the first record on.
struct Consumed {
  int64_t records = 0;
  int64_t bytes = 0;  // of values
  double per_second = 0;
};
Consumed ConsumeAll(const std::string& brokers, const std::string& topic);

// Produces `per_second` records of `bytes` for so long, one after the other by the clock, acks=all, and reads each back
// in the same process: the 99th percentile of the time from before it is produced to after it is read, in milliseconds.
double RoundTripP99Ms(const std::string& brokers, const std::string& topic, double per_second, int bytes,
                      double seconds);

// Kafka's own kafka-producer-perf-test.
struct Perf {
  double per_second = 0;
  double p50_ms = 0;
  double p99_ms = 0;
};
// `per_second` < 0: as many as it can.
Perf ProducerPerf(const std::string& brokers, const std::string& topic, int bytes, double per_second, double seconds);

}  // namespace throughline::bench

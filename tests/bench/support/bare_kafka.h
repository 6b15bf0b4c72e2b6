#pragma once

// Bare Kafka clients, without any of our code: the reference of the Kafka benchmarks.

#include <string>

#include "absl/status/statusor.h"

namespace throughline::bench {

// Reads all partitions of a topic from the first offset to the present end. Returns records per second, measured from
// the first record, so that joining does not count.
struct Consumed {
  int64_t records = 0;
  int64_t bytes = 0;  // sum of value sizes
  double per_second = 0;
};
Consumed ConsumeAll(const std::string& brokers, const std::string& topic);

// Produces `per_second` records of `bytes` for the given time, paced by the clock, acks=all, and consumes them in the
// same process. Returns the 99th percentile of the time from produce to consume, in milliseconds.
double RoundTripP99Ms(const std::string& brokers, const std::string& topic, double per_second, int bytes,
                      double seconds);

// Runs Kafka's kafka-producer-perf-test.
struct Perf {
  double per_second = 0;
  double p50_ms = 0;
  double p99_ms = 0;
};
// `per_second` < 0: unlimited.
Perf ProducerPerf(const std::string& brokers, const std::string& topic, int bytes, double per_second, double seconds);

}  // namespace throughline::bench

#pragma once

// A log that exports metrics: the latency of appends, how many are in flight, and the state of the producer. Any
// thread.

#include <atomic>
#include <functional>
#include <memory>

#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "libs/log/event_log.h"

namespace throughline::process {

// The same fields as log::KafkaLog::State.
struct ProducerState {
  size_t in_flight_records = 0;
  size_t in_flight_bytes = 0;
  uint64_t producers_made = 0;
  uint64_t appends_unknown = 0;
};

class MeasuredLog : public log::EventLog {
 public:
  explicit MeasuredLog(std::unique_ptr<log::EventLog> log) : log_(std::move(log)) {}

  // Exports metrics of appends to this topic through `registry`, which must outlive the log; with `state`, of the
  // producer as well. Call it before the first append.
  void TellOf(log::Topic topic, prometheus::Registry& registry, std::function<ProducerState()> state);
  // Reads the producer's state and updates its metrics. Call it periodically from one thread.
  void ShowState();

  void Append(log::Partition partition, std::string key, std::string value, Appended done) override;
  absl::StatusOr<std::unique_ptr<log::Subscription>> Subscribe(std::vector<log::Position> from,
                                                               std::function<void()> wake) override {
    return log_->Subscribe(std::move(from), std::move(wake));
  }
  void QueryEnds(std::vector<log::Partition> partitions, Ends done) override {
    log_->QueryEnds(std::move(partitions), std::move(done));
  }
  absl::StatusOr<log::Identity> Describe() override { return log_->Describe(); }
  size_t Flush(absl::Time deadline) override { return log_->Flush(deadline); }

 private:
  struct Told {
    prometheus::Histogram* latency = nullptr;
    prometheus::Gauge* in_flight = nullptr;
  };
  struct Producer {
    std::function<ProducerState()> state;
    prometheus::Gauge* records;
    prometheus::Gauge* bytes;
    prometheus::Counter* made;
    prometheus::Counter* unknown;
  };

  Told told_[std::size(log::kTopics)];
  std::vector<Producer> producers_;
  const std::unique_ptr<log::EventLog> log_;  // may call back until it is destroyed
};

}  // namespace throughline::process

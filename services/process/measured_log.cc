#include "services/process/measured_log.h"

#include <algorithm>

#include "absl/time/clock.h"

namespace throughline::process {
namespace {

const prometheus::Histogram::BucketBoundaries kSeconds = {0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                          0.1,     0.25,   0.5,   1,      2.5,   5,    10};

prometheus::Gauge& Gauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

prometheus::Counter& Counter(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add({});
}

// Up to what the producer has counted so far.
void CountUpTo(uint64_t counted, prometheus::Counter& counter) {
  counter.Increment(std::max(0.0, static_cast<double>(counted) - counter.Value()));
}

}  // namespace

void MeasuredLog::TellOf(log::Topic topic, prometheus::Registry& registry, std::function<ProducerState()> state) {
  Told& told = told_[static_cast<size_t>(topic)];
  told.latency = &prometheus::BuildHistogram()
                      .Name("throughline_append_seconds")
                      .Help("Time until the log acknowledged an append as durable, or gave it up.")
                      .Register(registry)
                      .Add({}, kSeconds);
  told.in_flight = &Gauge(registry, "throughline_appends_in_flight", "Appends begun and not yet answered by the log.");
  if (state == nullptr) return;
  producers_.push_back(
      {std::move(state),
       &Gauge(registry, "throughline_producer_queue_records", "Records in the producer's queue or on their way."),
       &Gauge(registry, "throughline_producer_queue_bytes", "Bytes in the producer's queue or on their way."),
       &Counter(registry, "throughline_producer_made_total",
                "Producers made since the start; more than one: a broken one was replaced."),
       &Counter(registry, "throughline_producer_appends_unknown_total",
                "Appends since the start that were answered without knowing whether they are in the log.")});
}

void MeasuredLog::ShowState() {
  for (const Producer& producer : producers_) {
    const ProducerState state = producer.state();
    producer.records->Set(static_cast<double>(state.in_flight_records));
    producer.bytes->Set(static_cast<double>(state.in_flight_bytes));
    CountUpTo(state.producers_made, *producer.made);
    CountUpTo(state.appends_unknown, *producer.unknown);
  }
}

void MeasuredLog::Append(log::Partition partition, std::string key, std::string value, Appended done) {
  const Told& told = told_[static_cast<size_t>(partition.topic)];
  if (told.latency == nullptr) {
    return log_->Append(partition, std::move(key), std::move(value), std::move(done));
  }
  told.in_flight->Increment();
  log_->Append(partition, std::move(key), std::move(value),
               [&told, begun = absl::Now(), done = std::move(done)](absl::StatusOr<int64_t> offset) {
                 told.in_flight->Decrement();
                 told.latency->Observe(absl::ToDoubleSeconds(absl::Now() - begun));
                 done(std::move(offset));
               });
}

}  // namespace throughline::process

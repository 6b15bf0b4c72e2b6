#pragma once

// What the runtime tells Prometheus. Metric names stand here and nowhere else. Any thread.

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include "libs/log/event_log.h"

namespace throughline::runtime {

class Probe {
 public:
  // `registry` must outlive the probe. `folds` are the topics that the service folds.
  Probe(prometheus::Registry& registry, const std::vector<log::Topic>& folds);

  void Accepted(log::Topic topic) { accepted_[Index(topic)]->Increment(); }
  void Void(log::Topic topic) { void_[Index(topic)]->Increment(); }
  void Quarantined(log::Topic topic) { quarantined_[Index(topic)]->Increment(); }
  void Lag(log::Topic topic, int64_t records) { lag_[Index(topic)]->Set(static_cast<double>(records)); }
  void InFlight(size_t commands) { in_flight_->Set(static_cast<double>(commands)); }
  void StoppedPartitions(size_t partitions) { stopped_->Set(static_cast<double>(partitions)); }
  void AppendFailed() { append_failed_->Increment(); }
  void DecidedAgain() { decided_again_->Increment(); }
  void ReactionDone() { reactions_done_->Increment(); }
  void ReactionRefused() { reactions_refused_->Increment(); }
  void TimerFired() { timers_fired_->Increment(); }

 private:
  static size_t Index(log::Topic topic) { return static_cast<size_t>(topic); }

  prometheus::Counter* accepted_[std::size(log::kTopics)] = {};
  prometheus::Counter* void_[std::size(log::kTopics)] = {};
  prometheus::Counter* quarantined_[std::size(log::kTopics)] = {};
  prometheus::Gauge* lag_[std::size(log::kTopics)] = {};
  prometheus::Gauge* in_flight_;
  prometheus::Gauge* stopped_;
  prometheus::Counter* append_failed_;
  prometheus::Counter* decided_again_;
  prometheus::Counter* reactions_done_;
  prometheus::Counter* reactions_refused_;
  prometheus::Counter* timers_fired_;
};

}  // namespace throughline::runtime

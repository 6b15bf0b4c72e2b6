#pragma once

// The runtime's Prometheus metrics. Their names stand here and nowhere else.
//
// Any thread, except where it says otherwise.

#include <map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include "libs/log/event_log.h"

namespace throughline::runtime {

// Why a commit is void, as far as its reader can tell.
enum class VoidReason {
  kOvertaken,  // another commit was accepted in its place
  kRepeated,   // the record stands in the log twice
  kAfterVoid,  // what it follows was never accepted
};

class Probe {
 public:
  // `registry` must outlive the probe. `folds` are the topics that the service folds.
  Probe(prometheus::Registry& registry, const std::vector<log::Topic>& folds);

  // The engine's thread. `time`: of the event.
  void Accepted(const log::Partition& partition, absl::Time time) {
    accepted_[Index(partition.topic)]->Increment();
    At(partition).accepted = time;
  }
  // The engine's thread. `next`: what the fold takes next; `end`: of the log, just heard of.
  void Lag(const log::Partition& partition, int64_t next, int64_t end);
  void Void(log::Topic topic, VoidReason reason) { void_[Index(topic)][static_cast<size_t>(reason)]->Increment(); }
  void Quarantined(log::Topic topic) { quarantined_[Index(topic)]->Increment(); }
  // All partitions that are assigned to this replica now.
  void PartitionAssignment(const std::vector<log::Position>& assigned) ABSL_LOCKS_EXCLUDED(mutex_);
  void InFlight(size_t commands) { in_flight_->Set(static_cast<double>(commands)); }
  // How many tasks the engine's thread gave to each of the other two, that have not begun.
  void Waiting(size_t answers, size_t watching) {
    answers_waiting_->Set(static_cast<double>(answers));
    watching_waiting_->Set(static_cast<double>(watching));
  }
  void WatchCalled() { watch_calls_->Increment(); }
  void StoppedPartitions(size_t partitions) { stopped_->Set(static_cast<double>(partitions)); }
  void AppendFailed() { append_failed_->Increment(); }
  void RefusedUnreadable() { refused_unreadable_->Increment(); }
  void DecidedAgain() { decided_again_->Increment(); }
  void Published() { published_->Increment(); }
  void ReactionDone() { reactions_done_->Increment(); }
  void ReactionRefused() { reactions_refused_->Increment(); }
  void TimerFired() { timers_fired_->Increment(); }

 private:
  struct OfPartition {
    prometheus::Gauge* lag_records = nullptr;
    prometheus::Gauge* lag_seconds = nullptr;
    absl::Time accepted;   // the time of the last event that was folded, at first that of the start
    absl::Time caught_up;  // the fold has all that there was then
    absl::Time heard;      // when `end` was heard of, which the fold had not reached when it was asked last
    int64_t end = 0;
  };

  static size_t Index(log::Topic topic) { return static_cast<size_t>(topic); }
  OfPartition& At(const log::Partition& partition) {
    std::vector<OfPartition>& known = partitions_[Index(partition.topic)];
    const size_t index = static_cast<size_t>(partition.index);
    if (index >= known.size()) Register(partition);
    return known[index];
  }
  void Register(const log::Partition& partition);

  prometheus::Family<prometheus::Gauge>& lag_records_;
  prometheus::Family<prometheus::Gauge>& lag_seconds_;
  prometheus::Family<prometheus::Gauge>& assignment_;
  prometheus::Counter* accepted_[std::size(log::kTopics)] = {};
  prometheus::Counter* void_[std::size(log::kTopics)][3] = {};
  prometheus::Counter* quarantined_[std::size(log::kTopics)] = {};
  prometheus::Gauge* in_flight_;
  prometheus::Gauge* answers_waiting_;
  prometheus::Gauge* watching_waiting_;
  prometheus::Counter* watch_calls_;
  prometheus::Gauge* stopped_;
  prometheus::Counter* append_failed_;
  prometheus::Counter* refused_unreadable_;
  prometheus::Counter* decided_again_;
  prometheus::Counter* published_;
  prometheus::Counter* reactions_done_;
  prometheus::Counter* reactions_refused_;
  prometheus::Counter* timers_fired_;

  std::vector<OfPartition> partitions_[std::size(log::kTopics)];  // the engine's thread's
  absl::Mutex mutex_;
  std::map<log::Partition, prometheus::Gauge*> assigned_ ABSL_GUARDED_BY(mutex_);  // now or before
};

}  // namespace throughline::runtime

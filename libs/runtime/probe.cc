#include "libs/runtime/probe.h"

#include <algorithm>

#include "absl/time/clock.h"

namespace throughline::runtime {
namespace {

prometheus::Counter& CounterNamed(prometheus::Registry& registry, const char* name, const char* help,
                                  const prometheus::Labels& labels = {}) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add(labels);
}

prometheus::Gauge& GaugeNamed(prometheus::Registry& registry, const char* name, const char* help,
                              const prometheus::Labels& labels = {}) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add(labels);
}

prometheus::Family<prometheus::Gauge>& Gauges(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

prometheus::Labels LabelsOf(const log::Partition& partition) {
  return {{"topic", log::TopicName(partition.topic)}, {"partition", std::to_string(partition.index)}};
}

constexpr const char* kVoidReasons[] = {"overtaken", "repeated", "after_void"};  // as VoidReason

}  // namespace

Probe::Probe(prometheus::Registry& registry, const std::vector<log::Topic>& folds)
    : lag_records_(Gauges(registry, "throughline_fold_lag_records",
                          "Records between the end of the log, as last asked, and the fold.")),
      lag_seconds_(Gauges(registry, "throughline_fold_lag_seconds",
                          "For how long what the fold has yet to read has been in the log; 0 at its end.")),
      assignment_(Gauges(registry, "throughline_partition_assigned",
                         "Whether this replica runs the reactors and timers of the partition.")),
      in_flight_(&GaugeNamed(registry, "throughline_commands_in_flight", "Commands taken and not yet answered.")),
      answers_waiting_(&GaugeNamed(registry, "throughline_answers_waiting",
                                   "Answers to commands and waiting reads that have not begun to be given.")),
      watching_waiting_(
          &GaugeNamed(registry, "throughline_watch_tasks_waiting", "Tasks of watches that have not begun to run.")),
      watch_calls_(
          &CounterNamed(registry, "throughline_watch_calls_total", "Calls of watches because of what had changed.")),
      stopped_(&GaugeNamed(registry, "throughline_fold_stopped_partitions",
                           "Partitions whose fold stopped at an event of a newer version.")),
      append_failed_(
          &CounterNamed(registry, "throughline_append_failures_total", "Appends that the log did not acknowledge.")),
      refused_unreadable_(&CounterNamed(registry, "throughline_commits_unreadable_total",
                                        "Commits refused before the log, because no reader could have read them.")),
      decided_again_(&CounterNamed(registry, "throughline_commands_decided_again_total",
                                   "Commands decided again because their commit was void.")),
      published_(&CounterNamed(registry, "throughline_events_published_total",
                               "Events published to the service's feed, repetitions included.")),
      reactions_done_(&CounterNamed(registry, "throughline_reactions_total", "Reactions carried out.")),
      reactions_refused_(
          &CounterNamed(registry, "throughline_reactions_refused_total", "Reactions whose command was refused.")),
      timers_fired_(&CounterNamed(registry, "throughline_timers_fired_total", "Timers that fired.")) {
  for (log::Topic topic : folds) {
    const prometheus::Labels labels = {{"topic", log::TopicName(topic)}};
    const size_t i = Index(topic);
    accepted_[i] =
        &CounterNamed(registry, "throughline_commits_accepted_total", "Commits accepted by the fold.", labels);
    for (size_t reason = 0; reason < std::size(kVoidReasons); ++reason) {
      prometheus::Labels why = labels;
      why["reason"] = kVoidReasons[reason];
      void_[i][reason] =
          &CounterNamed(registry, "throughline_commits_void_total", "Commits found void by the fold.", why);
    }
    quarantined_[i] = &CounterNamed(registry, "throughline_records_quarantined_total",
                                    "Records that are no commits, put aside by the fold.", labels);
  }
}

void Probe::Register(const log::Partition& partition) {
  const absl::Time now = absl::Now();
  std::vector<OfPartition>& known = partitions_[Index(partition.topic)];
  while (known.size() <= static_cast<size_t>(partition.index)) {
    const prometheus::Labels labels = LabelsOf({partition.topic, static_cast<int32_t>(known.size())});
    known.push_back({&lag_records_.Add(labels), &lag_seconds_.Add(labels), now, absl::InfinitePast()});
  }
}

void Probe::Lag(const log::Partition& partition, int64_t next, int64_t end) {
  OfPartition& here = At(partition);
  const absl::Time now = absl::Now();
  const int64_t records = end - next;
  if (next >= here.end) {
    here.caught_up = std::max(here.caught_up, here.heard);
    here.end = end;
    here.heard = now;
  }
  if (records <= 0) here.caught_up = now;
  // The fold is behind at most since the last event that it folded, and at most since an end was heard of that it has
  // reached by now. Neither bound alone is enough: the last event is old on a quiet log, and where only kinds come that
  // are left unread; and who folds a long log meets no such end for long.
  const absl::Duration behind = records <= 0 ? absl::ZeroDuration() : now - std::max(here.accepted, here.caught_up);
  here.lag_records->Set(static_cast<double>(std::max<int64_t>(records, 0)));
  here.lag_seconds->Set(absl::ToDoubleSeconds(std::max(behind, absl::ZeroDuration())));
}

void Probe::PartitionAssignment(const std::vector<log::Position>& assigned) {
  absl::MutexLock lock(&mutex_);
  for (const auto& [partition, gauge] : assigned_) gauge->Set(0);
  for (const log::Position& position : assigned) {
    prometheus::Gauge*& gauge = assigned_[position.partition];
    if (gauge == nullptr) gauge = &assignment_.Add(LabelsOf(position.partition));
    gauge->Set(1);
  }
}

}  // namespace throughline::runtime

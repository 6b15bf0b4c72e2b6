#include "libs/runtime/probe.h"

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

}  // namespace

Probe::Probe(prometheus::Registry& registry, const std::vector<log::Topic>& folds)
    : in_flight_(&GaugeNamed(registry, "throughline_commands_in_flight", "Commands taken and not yet answered.")),
      stopped_(&GaugeNamed(registry, "throughline_fold_stopped_partitions",
                           "Partitions whose fold stopped at an event of a newer version.")),
      append_failed_(
          &CounterNamed(registry, "throughline_append_failures_total", "Appends that the log did not acknowledge.")),
      decided_again_(&CounterNamed(registry, "throughline_commands_decided_again_total",
                                   "Commands decided again because their commit was void.")),
      reactions_done_(&CounterNamed(registry, "throughline_reactions_total", "Reactions carried out.")),
      reactions_refused_(
          &CounterNamed(registry, "throughline_reactions_refused_total", "Reactions whose command was refused.")),
      timers_fired_(&CounterNamed(registry, "throughline_timers_fired_total", "Timers that fired.")) {
  for (log::Topic topic : folds) {
    const prometheus::Labels labels = {{"topic", log::TopicName(topic)}};
    const size_t i = Index(topic);
    accepted_[i] =
        &CounterNamed(registry, "throughline_commits_accepted_total", "Commits accepted by the fold.", labels);
    void_[i] = &CounterNamed(registry, "throughline_commits_void_total", "Commits found void by the fold.", labels);
    quarantined_[i] = &CounterNamed(registry, "throughline_records_quarantined_total",
                                    "Records that are no commits, put aside by the fold.", labels);
    lag_[i] = &GaugeNamed(registry, "throughline_fold_lag_records",
                          "Records between the end of the log, as last asked, and the fold.", labels);
  }
}

}  // namespace throughline::runtime

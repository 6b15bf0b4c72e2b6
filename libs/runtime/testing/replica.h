#pragma once

// One replica of a service for tests: the real engine, stepped by the test. One thread.

#include <optional>

#include "libs/runtime/streams.h"

namespace throughline::runtime::testing {

template <typename S>
using Answer = std::shared_ptr<std::optional<absl::StatusOr<runtime::Outcome<S>>>>;  // nullopt until it is there

class Replica {
 public:
  // `log`, `store`, `assignment` and `feed` (both may be null), `clock` and the executors (null: as the engine says)
  // must outlive the replica.
  Replica(std::unique_ptr<Definition> definition, log::EventLog& log, store::KeyValue& store,
          log::PartitionAssignment* assignment, const Clock& clock, const Engine::Limits& limits = {},
          log::EventFeed* feed = nullptr, Executor* answers = nullptr, Executor* watching = nullptr,
          tracing::Tracer* tracer = nullptr, Executor* publishing = nullptr, bool read_ahead = false)
      : definition_(std::move(definition)),
        probe_(registry_, definition_->folds),
        engine_(*definition_,
                {.log = log,
                 .store = store,
                 .assignment = assignment,
                 .clock = clock,
                 .probe = probe_,
                 .feed = feed,
                 .answers = answers,
                 .watching = watching,
                 .publishing = publishing,
                 .tracer = tracer,
                 .read_ahead = read_ahead},
                limits),
        streams_(engine_) {}

  absl::Status Start() { return engine_.Start(); }

  // Steps until nothing is left to do for now. Some work only shows in the step after one that seems idle.
  absl::Status Run(int idle_steps = 2) {
    for (int idle = 0; idle < idle_steps;) {
      absl::StatusOr<bool> more = engine_.Step();
      if (!more.ok()) return more.status();
      idle = *more ? 0 : idle + 1;
    }
    return absl::OkStatus();
  }

  // Gives a command and does not step.
  template <typename S, typename C>
  Answer<S> Send(const std::string& key, const C& command, const Caller& caller,
                 absl::Time deadline = absl::InfiniteFuture()) {
    Answer<S> answer = std::make_shared<std::optional<absl::StatusOr<runtime::Outcome<S>>>>();
    streams_.Execute<S>({S::kKind, key}, command, caller, deadline,
                        [answer](absl::StatusOr<runtime::Outcome<S>> outcome) { answer->emplace(std::move(outcome)); });
    return answer;
  }

  // The sum over the labels of one metric.
  double Metric(const std::string& name) {
    double sum = 0;
    for (const auto& family : registry_.Collect()) {
      if (family.name != name) continue;
      for (const auto& metric : family.metric) sum += metric.counter.value + metric.gauge.value;
    }
    return sum;
  }

  const Definition& definition() const { return *definition_; }
  Engine& engine() { return engine_; }
  Streams& streams() { return streams_; }

 private:
  const std::unique_ptr<Definition> definition_;
  prometheus::Registry registry_;
  Probe probe_;
  Engine engine_;
  Streams streams_;
};

}  // namespace throughline::runtime::testing

#pragma once

// Folds the log into a store beside the one that serves: the fold alone, without commands, answers, reactors and
// timers. Not faster than its pace, so that the service beside it keeps its latency.
//
//   Rebuild rebuild(definition, log, store, clock, {.records_per_second = 10'000});
//   absl::Status status = rebuild.Start();                      // goes on where `store` was left off
//   status = rebuild.FoldTo(*rebuild.Ends(), told);
//   ... DigestOf(store) ...                                     // of exactly that position
//
// One thread, except Cancel.

#include <atomic>
#include <optional>

#include <prometheus/registry.h>

#include "libs/log/event_log.h"
#include "libs/runtime/clock.h"
#include "libs/runtime/engine/definition.h"
#include "libs/runtime/engine/log_identity.h"
#include "libs/runtime/fold/fold.h"
#include "libs/runtime/inbox.h"

namespace throughline::runtime {

// How long to pause so that no more than `per_second` are done in a second; what was missed is not made up for.
class Throttle {
 public:
  // 0: no limit.
  explicit Throttle(int64_t per_second) : per_second_(per_second) {}
  // After `done` more. `now`: of a clock that does not jump.
  absl::Duration PauseAfter(int64_t done, absl::Duration now);

 private:
  const int64_t per_second_;
  absl::Duration due_ = -absl::InfiniteDuration();  // when the next may be done
};

class Rebuild {
 public:
  struct Pace {
    int64_t records_per_second = 0;  // 0: as fast as it can
    size_t step = 256;               // records in one write
  };
  struct Progress {
    int64_t records = 0;  // folded, from the beginning of the log
    int64_t of = 0;
    double per_second = 0;                           // since this began
    absl::Duration left = absl::InfiniteDuration();  // at that rate; infinite: not known yet
  };
  // Called about once a second, and at the end. An error stops the rebuild.
  using Told = std::function<absl::Status(const Progress&)>;

  // All must outlive it. `definition` must not be in use by an engine.
  Rebuild(Definition& definition, log::EventLog& log, store::KeyValue& store, const Clock& clock, const Pace& pace);

  // As Engine::Start.
  absl::Status Start();

  // Where the folded partitions end now. UNAVAILABLE: the log does not answer.
  absl::StatusOr<std::vector<log::Position>> Ends();
  // How far it has folded.
  const Positions& positions() const { return *positions_; }
  std::vector<log::Position> Folded() const;
  // Those of a store that folded the same log, in the same order as Ends.
  std::vector<log::Position> FoldedIn(const store::KeyValue& store) const;

  // Folds each partition up to its position in `target`, and no record further. CANCELLED; OUT_OF_RANGE: it is further
  // already; FAILED_PRECONDITION: a record is of a newer version; UNAVAILABLE: the log gives nothing for a minute;
  // otherwise as Fold::Apply, or the error of `told`.
  absl::Status FoldTo(const std::vector<log::Position>& target, const Told& told);

  // Any thread. What it does ends soon, and later calls at once, with CANCELLED.
  void Cancel();
  bool cancelled() const { return cancelled_.load(); }
  // Waits, less long if it is cancelled.
  void Pause(absl::Duration duration) { inbox_->WaitForTask(duration); }

 private:
  absl::StatusOr<size_t> Step(log::Subscription& subscription, const std::vector<log::Position>& target);
  bool AtEnd(const std::vector<log::Position>& target) const;

  Definition& definition_;
  log::EventLog& log_;
  store::KeyValue& store_;
  const Clock& clock_;
  const Pace pace_;
  Throttle throttle_;
  prometheus::Registry registry_;  // of what nobody asks for: this is not the serving fold
  Probe probe_;
  LogIdentity identity_;
  Heads heads_;
  std::unique_ptr<Positions> positions_;
  std::unique_ptr<Fold> fold_;
  const std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();  // wakes this thread
  std::atomic<bool> cancelled_{false};
};

}  // namespace throughline::runtime

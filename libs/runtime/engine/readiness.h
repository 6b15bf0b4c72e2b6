#pragma once

// Whether a service is ready: it has folded all that the log had at the start, and no partition has stopped; and how
// far it is until then. The engine's thread, where it does not say otherwise.

#include <atomic>
#include <functional>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "libs/runtime/fold/fold.h"
#include "libs/runtime/reads/end_barrier.h"

namespace throughline::runtime {

// How far the fold of a service is.
struct FoldStatus {
  bool caught_up = false;               // everything that the log had at the start is folded
  std::optional<int64_t> records_left;  // until then, of partitions that go on; nullopt: the log has not told its end
  std::string stopped;                  // why a partition has stopped; empty: none has
  uint64_t steps = 0;                   // of its thread, since the start: a fold that does not step is stuck

  bool Ready() const { return caught_up && stopped.empty(); }
};

class Readiness {
 public:
  using Task = std::function<void()>;

  // Asks the log for its end, until it answers. `end` is of all that is folded. Calls `caught_up` once the fold has
  // reached that end. Both must outlive this.
  void Start(const Fold& fold, EndBarrier& end, Task caught_up);

  // Any thread.
  bool Ready() const { return caught_up() && !stopped_.load(std::memory_order_acquire); }
  bool caught_up() const { return caught_up_.load(std::memory_order_acquire); }
  // Any thread. Without the steps.
  FoldStatus status() const ABSL_LOCKS_EXCLUDED(mutex_);

  // To be called after each fold step.
  void Folded() ABSL_LOCKS_EXCLUDED(mutex_);
  // To be called now and then. Asks again. Logs the reason if the log has lost the last folded record.
  void Step(absl::Time now);

 private:
  void AskForTheEnd();
  void CountRecordsLeft();
  void WarnOfUnseen(absl::Time now);

  const Fold* fold_ = nullptr;
  EndBarrier* end_ = nullptr;
  Task when_caught_up_;
  bool asking_ = false;
  absl::Time warned_ = absl::InfinitePast();
  std::atomic<bool> caught_up_{false};
  std::atomic<bool> stopped_{false};
  std::atomic<int64_t> records_left_{-1};  // below 0: not known
  mutable absl::Mutex mutex_;
  std::string why_stopped_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace throughline::runtime

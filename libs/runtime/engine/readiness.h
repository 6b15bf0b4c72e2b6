#pragma once

// Whether a service is ready: it has folded all that the log had at the start, and no partition has stopped. The
// engine's thread, where it does not say otherwise.

#include <atomic>
#include <functional>
#include <vector>

#include "libs/runtime/fold/fold.h"
#include "libs/runtime/reads/end_barrier.h"

namespace throughline::runtime {

class Readiness {
 public:
  using Task = std::function<void()>;

  // Asks the log for its end, until it answers. `end` is of all that is folded. Calls `caught_up` once the fold has
  // reached that end. Both must outlive this.
  void Start(const Fold& fold, EndBarrier& end, Task caught_up);

  // Any thread.
  bool Ready() const { return caught_up() && !stopped_.load(std::memory_order_acquire); }
  bool caught_up() const { return caught_up_.load(std::memory_order_acquire); }

  // To be called after each fold step.
  void Folded();
  // To be called now and then. Asks again. Logs the reason if the log has lost the last folded record.
  void Step(absl::Time now);

 private:
  void AskForTheEnd();
  void WarnOfUnseen(absl::Time now);

  const Fold* fold_ = nullptr;
  EndBarrier* end_ = nullptr;
  Task when_caught_up_;
  bool asking_ = false;
  absl::Time warned_ = absl::InfinitePast();
  std::atomic<bool> caught_up_{false};
  std::atomic<bool> stopped_{false};
};

}  // namespace throughline::runtime

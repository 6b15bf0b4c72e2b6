#pragma once

// The pauses of a thread that works periodically until it is told to end.
//
//   while (!end.WaitFor(absl::Milliseconds(200))) Look();     // on that thread
//   end.Notify();                                             // on any other
//
// Any thread.

#include <condition_variable>
#include <mutex>

#include "absl/time/time.h"

namespace throughline::server {

class EndSignal {
 public:
  void Notify() {
    const std::lock_guard lock(mutex_);
    notified_ = true;
    changed_.notify_all();
  }

  bool HasBeenNotified() const {
    const std::lock_guard lock(mutex_);
    return notified_;
  }

  // True once notified; false after `timeout`. Uses the steady clock: absl's timeouts use the wall clock, and are late
  // when it is set back.
  bool WaitFor(absl::Duration timeout) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, absl::ToChronoNanoseconds(timeout), [this] { return notified_; });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool notified_ = false;
};

}  // namespace throughline::server

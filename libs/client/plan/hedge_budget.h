#pragma once

// Limits hedges to a small part of the calls, so that they cannot double the load when everything is slow. Internal to
// this library.
//
// Any thread.

#include <algorithm>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/client/hedging.h"

namespace throughline::client {

class HedgeBudget {
 public:
  explicit HedgeBudget(const Hedging& hedging) : hedging_(hedging), tokens_(hedging.burst) {}

  // A call began: it earns its part of a hedge.
  void Earn() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    tokens_ = std::min(tokens_ + hedging_.budget, static_cast<double>(hedging_.burst));
  }
  // Whether a call may be hedged now; takes it from the budget.
  bool Take(absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    if (now < overloaded_until_ || tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }
  // A server is overloaded: no hedges until then.
  void Stop(absl::Time until) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    overloaded_until_ = std::max(overloaded_until_, until);
  }

 private:
  const Hedging hedging_;
  absl::Mutex mutex_;
  double tokens_ ABSL_GUARDED_BY(mutex_);
  absl::Time overloaded_until_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace throughline::client

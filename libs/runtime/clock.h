#pragma once

// Time, so that tests can hold it. Any thread.

#include <ctime>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace throughline::runtime {

class Clock {
 public:
  virtual ~Clock() = default;
  // The time of day, which jumps when somebody sets it.
  virtual absl::Time Now() const = 0;
  // Since some moment in the past, and never a jump: for pauses. Goes on while the machine sleeps.
  virtual absl::Duration Steady() const = 0;
};

class SystemClock : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
  absl::Duration Steady() const override {
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return absl::DurationFromTimespec(now);
  }
};

// Stands still until it is told otherwise; for tests and simulations.
class ManualClock : public Clock {
 public:
  explicit ManualClock(absl::Time now) : now_(now) {}
  absl::Time Now() const override {
    absl::MutexLock lock(&mutex_);
    return now_;
  }
  absl::Duration Steady() const override {
    absl::MutexLock lock(&mutex_);
    return steady_;
  }
  void Pass(absl::Duration time) {
    absl::MutexLock lock(&mutex_);
    now_ += time;
    steady_ += time;
  }
  // Somebody sets the time of day.
  void Jump(absl::Duration by) {
    absl::MutexLock lock(&mutex_);
    now_ += by;
  }
  void Set(absl::Time now, absl::Duration steady) {
    absl::MutexLock lock(&mutex_);
    now_ = now;
    steady_ = steady;
  }

 private:
  mutable absl::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_);
  absl::Duration steady_ ABSL_GUARDED_BY(mutex_) = absl::ZeroDuration();
};

}  // namespace throughline::runtime

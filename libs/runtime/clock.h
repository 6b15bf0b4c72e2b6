#pragma once

// Time, so that tests can hold it. A process has one clock, which all that decides shares. Any thread.

#include <ctime>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

#include "libs/runtime/timers/trusted_time.h"

namespace throughline::runtime {

class Clock {
 public:
  virtual ~Clock() = default;
  // The time of day, which jumps when somebody sets it.
  virtual absl::Time Now() const = 0;
  // Since some moment in the past, and never a jump: for pauses. Goes on while the machine sleeps.
  virtual absl::Duration Steady() const = 0;
  // The time of day, as far as it can be trusted (trusted_time.h): what commands are decided at and timers fired by. To
  // be called often.
  absl::Time Trusted() const {
    absl::MutexLock lock(&trusted_mutex_);
    return trusted_.At(Now(), Steady());
  }

 private:
  mutable absl::Mutex trusted_mutex_;
  mutable TrustedTime trusted_ ABSL_GUARDED_BY(trusted_mutex_);
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

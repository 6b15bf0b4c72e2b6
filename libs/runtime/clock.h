#pragma once

// Time, as a port: tests bring their own. A process has one clock, so that all decisions agree. Any thread.

#include <ctime>
#include <optional>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace throughline::runtime {

// The time of day, as far as it can be trusted. A promise that is broken too early stays broken. So when the clock runs
// ahead of the steady one, the time that it skipped does not count before it has passed. A clock may also be set right
// for good, after a boot for instance: a jump that is not taken back for two minutes is believed. A clock that is set
// back counts at once: timers are late then, but nothing is lost. One thread.
class TrustedTime {
 public:
  // What both clocks say now. To be called often: jumps between two calls look like one.
  absl::Time At(absl::Time now, absl::Duration steady);

 private:
  // The time of day at which the steady clock began.
  using Origin = absl::Time;
  struct Doubt {
    Origin origin;
    absl::Duration since;  // steady time
  };
  std::optional<Origin> trusted_;
  std::optional<Doubt> doubted_;
};

class Clock {
 public:
  virtual ~Clock() = default;
  // The time of day, which jumps when somebody sets it.
  virtual absl::Time Now() const = 0;
  // Since some moment in the past, and never a jump: for pauses. Goes on while the machine sleeps.
  virtual absl::Duration Steady() const = 0;
  // See TrustedTime. Commands are decided and timers fired by it. To be called often.
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

// Moves only when it is told to; for tests and simulations.
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

#include "libs/client/load.h"

#include <algorithm>
#include <atomic>
#include <memory>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"

namespace throughline::client {
namespace {

class Driver : public std::enable_shared_from_this<Driver> {
 public:
  Driver(const StartCall& start, int64_t limit) : start_(start), limit_(limit) {}

  void Fill(int in_flight) {
    for (int i = 0; i < in_flight; ++i) Next();
  }
  void Stop() { stop_.store(true); }
  void AwaitIdle() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(
        +[](Driver* d) ABSL_EXCLUSIVE_LOCKS_REQUIRED(d->mutex_) { return d->under_way_ == 0; }, this));
  }
  void Measure(bool on) {
    absl::MutexLock lock(&mutex_);
    measuring_ = on;
  }
  Measured Result(absl::Duration took) {
    absl::MutexLock lock(&mutex_);
    Measured measured;
    measured.answers = static_cast<int64_t>(latencies_.size());
    measured.failures = failures_;
    measured.per_second = static_cast<double>(measured.answers) / absl::ToDoubleSeconds(took);
    measured.p50_ms = Percentile(latencies_, 0.5);
    measured.p99_ms = Percentile(latencies_, 0.99);
    return measured;
  }
  int64_t failures() {
    absl::MutexLock lock(&mutex_);
    return failures_;
  }

 private:
  void Next() {
    const int64_t n = next_.fetch_add(1);
    if (stop_.load() || n >= limit_) return;
    {
      absl::MutexLock lock(&mutex_);
      ++under_way_;
    }
    const absl::Time begun = absl::Now();
    start_(n, [self = shared_from_this(), begun](bool ok) { self->Answered(absl::Now() - begun, ok); });
  }

  void Answered(absl::Duration took, bool ok) {
    {
      absl::MutexLock lock(&mutex_);
      if (!ok) ++failures_;
      if (measuring_ && ok) latencies_.push_back(took);
    }
    Next();
    absl::MutexLock lock(&mutex_);
    --under_way_;
  }

  const StartCall& start_;
  const int64_t limit_;
  std::atomic<int64_t> next_{0};
  std::atomic<bool> stop_{false};
  absl::Mutex mutex_;
  int64_t under_way_ ABSL_GUARDED_BY(mutex_) = 0;
  bool measuring_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t failures_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<absl::Duration> latencies_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

double Percentile(std::vector<absl::Duration>& values, double p) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const size_t index = std::min(values.size() - 1, static_cast<size_t>(p * static_cast<double>(values.size())));
  return absl::ToDoubleMilliseconds(values[index]);
}

Measured Drive(int in_flight, absl::Duration warm_up, absl::Duration measure, const StartCall& start) {
  auto driver = std::make_shared<Driver>(start, INT64_MAX);
  driver->Fill(in_flight);
  absl::SleepFor(warm_up);
  const absl::Time begun = absl::Now();
  driver->Measure(true);
  absl::SleepFor(measure);
  driver->Measure(false);
  const absl::Duration took = absl::Now() - begun;
  driver->Stop();
  driver->AwaitIdle();
  return driver->Result(took);
}

int64_t DriveCount(int in_flight, int64_t calls, const StartCall& start) {
  auto driver = std::make_shared<Driver>(start, calls);
  driver->Fill(in_flight);
  driver->AwaitIdle();
  return driver->failures();
}

}  // namespace throughline::client

#pragma once

// How much of a server one identity may use: calls and streams at a time, events per second. Whoever wants more is
// refused with a delay (google.rpc.RetryInfo), and nobody else notices. Internal to this library.
//
// An event is a message of a push stream, or a unary call of a partner. Events are counted by a token bucket that holds
// one second's worth.
//
// Any thread.

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

#include "libs/server/options.h"

namespace throughline::server {

// Of one identity.
class Quota {
 public:
  using Clock = std::chrono::steady_clock;

  Quota(std::string name, const QuotaOptions& options);

  // RESOURCE_EXHAUSTED (TOO_MANY_CALLS_OF_YOURS). To be followed by Leave if it is OK.
  absl::Status Enter(bool stream);
  void Leave(bool stream);

  // RESOURCE_EXHAUSTED (TOO_MANY_EVENTS): the event is not taken.
  absl::Status TakeEvent(Clock::time_point now) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  const std::string name_;
  const QuotaOptions options_;
  std::atomic<int> calls_{0};
  std::atomic<int> streams_{0};
  absl::Mutex mu_;
  double events_left_ ABSL_GUARDED_BY(mu_);
  Clock::time_point counted_ ABSL_GUARDED_BY(mu_){};
};

// By name. One that was met is kept: there are no more than credentials.
class Quotas {
 public:
  explicit Quotas(const QuotaOptions& options) : options_(options) {}
  std::shared_ptr<Quota> Of(const std::string& name) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  const QuotaOptions options_;
  absl::Mutex mu_;
  absl::flat_hash_map<std::string, std::shared_ptr<Quota>> quotas_ ABSL_GUARDED_BY(mu_);
};

}  // namespace throughline::server

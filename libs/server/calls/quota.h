#pragma once

// How much of a server one identity may use: calls and streams at a time, events per second. Whoever wants more is
// refused with a delay (google.rpc.RetryInfo), and nobody else notices. Internal to this library.
//
// An event is a message of a push stream, or a call of a partner. What is more work counts as more: a message that
// holds many events as so many, and any message as one for each kBytesPerEvent of it that were begun, because reading
// it is work, whatever it holds. Events are counted by a token bucket that holds one second's worth. A message is taken
// whole or not at all: the last one that is taken may cost more than what is left, so that one which is larger than a
// second's worth can be sent, too. That is a debt, and nothing more is taken until it is paid. So no identity has more
// than
//   a second's worth + the seconds that passed * the rate + its largest message.
//
// Calls of people and of the company's own systems, and followers of streams, are not events: they are bounded by what
// is under way at a time. What a service does for itself, as reading its quarantine again, is bounded where commands
// are taken (libs/runtime), as is what all identities do together.
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

  // What a message costs before it is known what it holds.
  static constexpr size_t kBytesPerEvent = 8192;
  static int EventsOf(size_t bytes) { return bytes == 0 ? 1 : static_cast<int>((bytes - 1) / kBytesPerEvent + 1); }

  // RESOURCE_EXHAUSTED (TOO_MANY_EVENTS), unless one event is left: nothing is taken.
  absl::Status TakeEvents(Clock::time_point now, int count) ABSL_LOCKS_EXCLUDED(mu_) {
    return Take(now, count, /*least=*/1);
  }
  // What a taken message holds beyond: RESOURCE_EXHAUSTED only to a debtor.
  absl::Status TakeFurtherEvents(Clock::time_point now, int count) ABSL_LOCKS_EXCLUDED(mu_) {
    return Take(now, count, /*least=*/0);
  }

 private:
  absl::Status Take(Clock::time_point now, int count, double least) ABSL_LOCKS_EXCLUDED(mu_);

  const std::string name_;
  const QuotaOptions options_;
  std::atomic<int> calls_{0};
  std::atomic<int> streams_{0};
  absl::Mutex mu_;
  double events_left_ ABSL_GUARDED_BY(mu_);  // less than 0: a debt
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

#pragma once

// The share of a server that one identity may use: concurrent calls and streams, and events per second. Beyond it, the
// identity is refused with a delay (google.rpc.RetryInfo); others are not affected. Internal to this library.
//
// An event is a message of a push stream, or a call of a partner. A message counts as the events that it holds, and at
// least as one per begun kBytesPerEvent, because parsing is work as well. A token bucket for one second limits the
// rate. A message is accepted as a whole or refused as a whole; while there is at least one token it is accepted, also
// if it costs more than is left. So a message larger than a second's worth can be sent. The rest is a debt, and nothing
// is accepted until it is paid. In total, an identity gets at most
//
//   one second's worth + elapsed seconds * rate + its largest message
//
// Calls of people and of the company's own systems, and watches, are not events: only their concurrency is limited.
// What a service does by itself, and the sum over all identities, is limited where commands are accepted
// (libs/runtime).
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

// The quota of one identity.
class Quota {
 public:
  using Clock = std::chrono::steady_clock;

  Quota(std::string name, const QuotaOptions& options);

  // RESOURCE_EXHAUSTED (TOO_MANY_CALLS_OF_YOURS). If OK, Leave must follow.
  absl::Status Enter(bool stream);
  void Leave(bool stream);

  // The cost of a message before it is parsed.
  static constexpr size_t kBytesPerEvent = 8192;
  static int EventsOf(size_t bytes) { return bytes == 0 ? 1 : static_cast<int>((bytes - 1) / kBytesPerEvent + 1); }

  // RESOURCE_EXHAUSTED (TOO_MANY_EVENTS): not a single token is left, and nothing was charged.
  absl::Status TakeEvents(Clock::time_point now, int count) ABSL_LOCKS_EXCLUDED(mu_) {
    return Take(now, count, /*least=*/1);
  }
  // For the further events of a message for which `charged` were taken. RESOURCE_EXHAUSTED: others left less than a
  // token. The message's own charge does not count: it may be more than there ever is.
  absl::Status TakeFurtherEvents(Clock::time_point now, int count, int charged) ABSL_LOCKS_EXCLUDED(mu_) {
    return Take(now, count, /*least=*/1 - charged);
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

// By name. Never removed: there are no more than credentials.
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

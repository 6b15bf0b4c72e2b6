#pragma once

// The health of a process, for gRPC health, for the probes of the operations port, and for a service manager.
//
//   ServicesHealth health({"intake", "ownership"});
//   bool ready = health.Update(0, host.fold_status(), now);     // often; `now` is a steady clock's
//   server::Health of_all = health.Of(std::nullopt, now);
//
// A service is live unless it cannot go on and a restart may mend that: its fold has failed or is stuck. It is live,
// but not ready, while it starts, while it drains, and once a partition has stopped at an event of a newer version. The
// log being away changes none of these: reads go on, and nothing is better after a restart.
//
// Update: one thread. The rest: any thread.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

#include "libs/runtime/engine/readiness.h"
#include "libs/server/operations/operations_port.h"

namespace throughline::process {

class ServicesHealth {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // A fold that has not stepped for this long is stuck. A step folds at most `limits.fold_records` records, and an idle
  // one takes 50 ms.
  static constexpr std::chrono::seconds kStuck{60};

  explicit ServicesHealth(const std::vector<std::string>& names);

  // Returns whether this service is ready. `waiting`: what must happen before it is, besides the fold; empty: nothing.
  bool Update(size_t service, const runtime::FoldStatus& status, Time now, std::string waiting = "")
      ABSL_LOCKS_EXCLUDED(mutex_);
  // From now on no service is ready, and nothing is updated any more.
  void Drain() ABSL_LOCKS_EXCLUDED(mutex_);
  // Why the process cannot go on; the first reason counts.
  void Fail(const absl::Status& why) ABSL_LOCKS_EXCLUDED(mutex_);

  // nullopt: of all services together.
  server::Health Of(std::optional<size_t> service, Time now) const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Service {
    std::string name;
    runtime::FoldStatus status = {};
    std::string waiting = {};
    std::optional<Time> updated = std::nullopt;  // nullopt: not yet
    // How long its steps have been seen not to change. A pause of the whole process counts as one short update, so that
    // it is not taken for a fold that is stuck.
    std::chrono::steady_clock::duration unmoved{};
  };
  server::Health OfOne(const Service& service, Time now) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  std::vector<Service> services_ ABSL_GUARDED_BY(mutex_);
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace throughline::process

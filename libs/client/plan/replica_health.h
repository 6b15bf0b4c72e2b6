#pragma once

// Which replicas of a service to call. The first in the given order is called, unless it is avoided: one that did not
// answer is avoided until a probe finds it serving again. Internal to this library.
//
// Pure: the caller passes the time. Any thread.

#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace throughline::client {

class ReplicaHealth {
 public:
  // Avoided at first for kAvoid; twice as long each time that a probe or a call fails again, up to kAvoidMost.
  static constexpr absl::Duration kAvoid = absl::Seconds(1);
  static constexpr absl::Duration kAvoidMost = absl::Seconds(16);

  explicit ReplicaHealth(size_t count) : replicas_(count) {}

  size_t size() const { return replicas_.size(); }

  // The replica to call, none of `except` (may be shorter). If all are avoided: the one given up on longest ago.
  // Absent: none is left.
  std::optional<size_t> Pick(const std::vector<bool>& except = {}) const ABSL_LOCKS_EXCLUDED(mutex_);
  bool Avoided(size_t which) const ABSL_LOCKS_EXCLUDED(mutex_);
  bool Hangs(size_t which) const ABSL_LOCKS_EXCLUDED(mutex_);  // it was outrun, and is avoided

  // It answered a call: it is well.
  void Answered(size_t which, absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);
  // It does not answer, or says that it cannot.
  void GiveUpOn(size_t which, absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);
  // A call that it has had since `sent` timed out. It is given up on if it has answered nothing at all since then;
  // otherwise what the call needs is slow, not the replica.
  void TimedOut(size_t which, absl::Time sent, absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);
  // Another replica answered a call that this one has had since `sent`. If it has answered nothing at all since then,
  // it hangs, and is given up on; otherwise it is only slow.
  void Outrun(size_t which, absl::Time sent, absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);

  // An avoided replica whose time is over: the caller asks it whether it serves, and reports that with Probed, once.
  std::optional<size_t> ToProbe(absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);
  void Probed(size_t which, bool serves, absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Replica {
    bool avoided = false;
    bool hangs = false;
    bool probing = false;
    int strikes = 0;
    absl::Time heard = absl::InfinitePast();
    absl::Time given_up = absl::InfinitePast();
    absl::Time probe_at = absl::InfinitePast();
    absl::Time well_since = absl::InfinitePast();
  };
  void Avoid(Replica& replica, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Reinstate(Replica& replica, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  std::vector<Replica> replicas_;  // its size is constant; elements are guarded by mutex_
};

}  // namespace throughline::client

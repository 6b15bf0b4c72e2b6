#include "libs/client/plan/replica_health.h"

#include <algorithm>

namespace throughline::client {
namespace {

// A replica that was well for this long is avoided only briefly when it fails again.
constexpr absl::Duration kForgiven = absl::Minutes(1);

}  // namespace

std::optional<size_t> ReplicaHealth::Pick(const std::vector<bool>& except) const {
  absl::MutexLock lock(&mutex_);
  std::optional<size_t> found;
  for (size_t i = 0; i < replicas_.size(); ++i) {
    if (i < except.size() && except[i]) continue;
    if (!replicas_[i].avoided) return i;
    if (!found || replicas_[i].given_up < replicas_[*found].given_up) found = i;
  }
  return found;
}

bool ReplicaHealth::Avoided(size_t which) const {
  absl::MutexLock lock(&mutex_);
  return replicas_[which].avoided;
}

bool ReplicaHealth::Hangs(size_t which) const {
  absl::MutexLock lock(&mutex_);
  return replicas_[which].hangs;
}

void ReplicaHealth::Answered(size_t which, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  replicas_[which].heard = std::max(replicas_[which].heard, now);
  if (replicas_[which].avoided) Reinstate(replicas_[which], now);
}

void ReplicaHealth::GiveUpOn(size_t which, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  Avoid(replicas_[which], now);
}

void ReplicaHealth::TimedOut(size_t which, absl::Time sent, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  if (replicas_[which].heard < sent) Avoid(replicas_[which], now);
}

void ReplicaHealth::Outrun(size_t which, absl::Time sent, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  if (replicas_[which].heard >= sent) return;
  Avoid(replicas_[which], now);
  replicas_[which].hangs = replicas_[which].avoided;
}

std::optional<size_t> ReplicaHealth::ToProbe(absl::Time now) {
  absl::MutexLock lock(&mutex_);
  for (size_t i = 0; i < replicas_.size(); ++i) {
    Replica& replica = replicas_[i];
    if (!replica.avoided || replica.probing || now < replica.probe_at) continue;
    replica.probing = true;
    return i;
  }
  return std::nullopt;
}

void ReplicaHealth::Probed(size_t which, bool serves, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  Replica& replica = replicas_[which];
  replica.probing = false;
  if (!replica.avoided) return;  // a call was faster
  if (serves) return Reinstate(replica, now);
  ++replica.strikes;
  replica.probe_at = now + std::min(kAvoid * (1 << std::min(replica.strikes - 1, 10)), kAvoidMost);
}

void ReplicaHealth::Avoid(Replica& replica, absl::Time now) {
  if (replicas_.size() == 1) return;  // there is nothing to avoid it for
  replica.given_up = now;
  if (replica.avoided) return;  // many calls find the same
  if (now - replica.well_since > kForgiven) replica.strikes = 0;
  ++replica.strikes;
  replica.avoided = true;
  replica.probe_at = now + std::min(kAvoid * (1 << std::min(replica.strikes - 1, 10)), kAvoidMost);
}

void ReplicaHealth::Reinstate(Replica& replica, absl::Time now) {
  replica.avoided = replica.hangs = false;
  replica.well_since = now;
}

}  // namespace throughline::client

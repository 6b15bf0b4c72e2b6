#include "services/process/health.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace throughline::process {
namespace {

using std::chrono::duration_cast;
using std::chrono::seconds;

constexpr seconds kLongestUpdate{1};  // what one update counts at most

server::HealthCheck Started(const runtime::FoldStatus& status) {
  if (status.caught_up) return {true, "started"};
  if (!status.records_left) return {false, "starting: the log has not told yet where it ends"};
  if (*status.records_left > 0) {
    return {false, absl::StrCat("starting: ", *status.records_left, " records of the log left to fold")};
  }
  // Waiting longer, or starting again, does not fold the rest.
  if (!status.stopped.empty()) return {true, absl::StrCat("started, except for a partition: ", status.stopped)};
  return {false, "starting: the log does not show the record that was folded last"};
}

server::HealthCheck Together(const std::vector<std::pair<std::string, server::HealthCheck>>& checks) {
  server::HealthCheck all{true, ""};
  bool alike = true;
  for (const auto& [name, check] : checks) {
    all.ok = all.ok && check.ok;
    alike = alike && check.why == checks.front().second.why;
  }
  if (alike && !checks.empty()) return checks.front().second;
  for (const auto& [name, check] : checks) {
    if (check.ok != all.ok) continue;
    absl::StrAppend(&all.why, all.why.empty() ? "" : "; ", name, ": ", check.why);
  }
  return all;
}

}  // namespace

ServicesHealth::ServicesHealth(const std::vector<std::string>& names) {
  for (const std::string& name : names) services_.push_back({.name = name});
}

bool ServicesHealth::Update(size_t service, const runtime::FoldStatus& status, Time now, std::string waiting) {
  absl::MutexLock lock(&mutex_);
  Service& known = services_[service];
  if (known.updated && known.status.steps == status.steps) {
    known.unmoved += std::min<Time::duration>(now - *known.updated, kLongestUpdate);
  } else {
    known.unmoved = {};
  }
  known.status = status;
  known.updated = now;
  known.waiting = std::move(waiting);
  return !draining_ && status.Ready() && known.waiting.empty();
}

void ServicesHealth::Drain() {
  absl::MutexLock lock(&mutex_);
  draining_ = true;
}

void ServicesHealth::Fail(const absl::Status& why) {
  absl::MutexLock lock(&mutex_);
  if (failure_.ok()) failure_ = why;
}

server::Health ServicesHealth::Of(std::optional<size_t> service, Time now) const {
  absl::ReaderMutexLock lock(&mutex_);
  if (service) return OfOne(services_[*service], now);
  std::vector<std::pair<std::string, server::HealthCheck>> live, started, ready;
  for (const Service& one : services_) {
    server::Health health = OfOne(one, now);
    live.emplace_back(one.name, std::move(health.live));
    started.emplace_back(one.name, std::move(health.started));
    ready.emplace_back(one.name, std::move(health.ready));
  }
  return {Together(live), Together(started), Together(ready)};
}

server::Health ServicesHealth::OfOne(const Service& service, Time now) const {
  server::Health health;
  health.live = {true, "live"};
  if (!failure_.ok()) {
    health.live = {false, absl::StrCat("stopped: ", failure_.message())};
  } else if (draining_) {
    health.live.why = "live, draining";
  } else if (service.unmoved >= kStuck) {
    health.live = {false, absl::StrCat("the fold is stuck: no step for ",
                                       duration_cast<seconds>(service.unmoved).count(), " seconds")};
  } else if (service.updated && now - *service.updated >= kStuck) {
    health.live = {false, absl::StrCat("stuck: health was looked at ",
                                       duration_cast<seconds>(now - *service.updated).count(), " seconds ago")};
  }
  health.started = Started(service.status);
  if (!failure_.ok()) {
    health.ready = {false, health.live.why};
  } else if (draining_) {
    health.ready = {false, "draining"};
  } else if (!service.status.stopped.empty()) {
    health.ready = {false, absl::StrCat("a partition is stopped: ", service.status.stopped)};
  } else {
    health.ready = !service.status.caught_up  ? health.started
                   : !service.waiting.empty() ? server::HealthCheck{false, service.waiting}
                                              : server::HealthCheck{true, "ready"};
  }
  return health;
}

}  // namespace throughline::process

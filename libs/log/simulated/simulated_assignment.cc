#include "libs/log/simulated/simulated_assignment.h"

#include <algorithm>
#include <utility>

namespace throughline::log {

SimulatedDuty::SimulatedDuty(SimulatedLog& log, int replica, std::string group, std::vector<Topic> topics)
    : log_(log), replica_(replica), group_(std::move(group)), topics_(std::move(topics)) {
  log_.replicas_[replica_].duties.push_back(this);
}

SimulatedDuty::~SimulatedDuty() {
  std::erase(log_.replicas_[replica_].duties, this);
  *self_ = nullptr;
}

void SimulatedDuty::Kill() {
  *self_ = nullptr;
  changed_ = nullptr;
}

void SimulatedDuty::Start(Changed changed) {
  changed_ = std::move(changed);
  Tell();
}

void SimulatedDuty::Tell() {
  const absl::Time reachable = std::max(log_.now(), log_.replicas_[replica_].disconnected_until);
  log_.At(reachable + log_.Delay(), [self = self_] {
    SimulatedDuty* duty = *self;
    if (duty == nullptr || !duty->changed_) return;
    if (!duty->log_.Connected(duty->replica_)) return duty->Tell();
    duty->changed_(duty->log_.Held(duty->group_, duty->replica_, duty->topics_));
  });
}

void SimulatedDuty::Commit(const std::vector<Position>& done) {
  if (*self_ == nullptr || log_.random_.Chance(log_.faults_.duty_forgotten)) return;
  std::vector<Position> kept;
  for (const Position& held : log_.Held(group_, replica_, topics_)) {
    for (const Position& position : done) {
      if (position.partition == held.partition) kept.push_back(position);
    }
  }
  log_.After(log_.Delay(), [log = &log_, group = group_, kept = std::move(kept)] {
    for (const Position& position : kept) {
      int64_t& offset = log->groups_[group].done[position.partition];
      offset = std::max(offset, position.offset);
    }
  });
}

}  // namespace throughline::log

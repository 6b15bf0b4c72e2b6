#include "libs/log/simulated/assignment.h"

#include <algorithm>
#include <utility>

namespace throughline::log {

SimulatedAssignment::SimulatedAssignment(SimulatedLog& log, int replica, std::string group, std::vector<Topic> topics)
    : log_(log), replica_(replica), group_(std::move(group)), topics_(std::move(topics)) {
  log_.replicas_[replica_].assignments.push_back(this);
}

SimulatedAssignment::~SimulatedAssignment() {
  std::erase(log_.replicas_[replica_].assignments, this);
  *self_ = nullptr;
}

void SimulatedAssignment::Kill() {
  *self_ = nullptr;
  changed_ = nullptr;
}

void SimulatedAssignment::Start(Changed changed) {
  changed_ = std::move(changed);
  Tell();
}

void SimulatedAssignment::Tell() {
  const absl::Time reachable = std::max(log_.now(), log_.replicas_[replica_].disconnected_until);
  log_.At(reachable + log_.Delay(), [self = self_] {
    SimulatedAssignment* assignment = *self;
    if (assignment == nullptr || !assignment->changed_) return;
    if (!assignment->log_.Connected(assignment->replica_)) return assignment->Tell();
    assignment->changed_(assignment->log_.Held(assignment->group_, assignment->replica_, assignment->topics_));
  });
}

void SimulatedAssignment::Checkpoint(const std::vector<Position>& done) {
  if (*self_ == nullptr || log_.random_.Chance(log_.faults_.checkpoint_lost)) return;
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

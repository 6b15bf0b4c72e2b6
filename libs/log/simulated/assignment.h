#pragma once

// A replica's membership of a group on the simulated log. The test assigns the partitions. Made by simulated_log.cc
// only. One thread.

#include <memory>
#include <string>
#include <vector>

#include "libs/log/simulated/simulated_log.h"

namespace throughline::log {

class SimulatedAssignment : public PartitionAssignment {
 public:
  SimulatedAssignment(SimulatedLog& log, int replica, std::string group, std::vector<Topic> topics);
  ~SimulatedAssignment() override;

  void Start(Changed changed) override;
  void Checkpoint(const std::vector<Position>& done) override;

  const std::string& group() const { return group_; }
  // Calls `changed` with the assignment, after a delay and once the replica is connected.
  void Tell();
  void Kill();

 private:
  SimulatedLog& log_;
  const int replica_;
  const std::string group_;
  const std::vector<Topic> topics_;
  Changed changed_;
  const std::shared_ptr<SimulatedAssignment*> self_ =
      std::make_shared<SimulatedAssignment*>(this);  // null once killed or destroyed
};

}  // namespace throughline::log

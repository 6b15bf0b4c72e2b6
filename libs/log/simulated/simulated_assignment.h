#pragma once

// One replica's membership of a group on the simulated log; the test says who holds what. Only simulated_log.cc makes
// them. One thread.

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
  // Calls `changed` with what is held then, after a delay and once the replica is connected.
  void Tell();
  void Kill();

 private:
  SimulatedLog& log_;
  const int replica_;
  const std::string group_;
  const std::vector<Topic> topics_;
  Changed changed_;
  const std::shared_ptr<SimulatedAssignment*> self_ =
      std::make_shared<SimulatedAssignment*>(this);  // null once killed or gone
};

}  // namespace throughline::log

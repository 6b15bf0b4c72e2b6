#pragma once

// Which replica runs a partition's reactors and timers. The assignment is no lock: two replicas may both run a
// partition's reactors for a moment. That is harmless, because the id of each command that a reactor or a timer sends
// is derived from its cause.

#include <functional>
#include <vector>

#include "libs/log/event_log.h"

namespace throughline::log {

// A replica's membership of its service's group. Any thread.
class PartitionAssignment {
 public:
  // The partitions that are assigned now, each with its checkpoint.
  using Changed = std::function<void(std::vector<Position> held)>;

  virtual ~PartitionAssignment() = default;

  // Joins the group. `changed` is called with the first assignment, and after each change, on any thread.
  virtual void Start(Changed changed) = 0;

  // Everything before these positions has been reacted to. Stored some time later: a repeated reaction has no second
  // effect. Positions of partitions that are not assigned any more are ignored.
  virtual void Checkpoint(const std::vector<Position>& done) = 0;
};

}  // namespace throughline::log

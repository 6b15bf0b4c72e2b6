#pragma once

// PartitionAssignment: the right of one replica, at one time, to run a partition's reactors and timers. It needs
// someone to run them, not someone to trust: two replicas that both believe to have duty do no harm, because every
// command that a reactor or a timer sends has an id that follows from its cause.

#include <functional>
#include <vector>

#include "libs/log/event_log.h"

namespace throughline::log {

// One service's membership of its group. Any thread.
class PartitionAssignment {
 public:
  // The partitions held now, each with the position up to which reactions are known to be done.
  using Changed = std::function<void(std::vector<Position> held)>;

  virtual ~PartitionAssignment() = default;

  // Begins to take part. `changed` is called with what is held at first, and whenever that changes, on any thread.
  virtual void Start(Changed changed) = 0;

  // Everything before these positions has been reacted to; remembered durably, sooner or later (a reaction that is
  // repeated has no second effect). Positions of partitions no longer held are ignored.
  virtual void Checkpoint(const std::vector<Position>& done) = 0;
};

}  // namespace throughline::log

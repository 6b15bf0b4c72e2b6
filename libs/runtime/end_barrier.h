#pragma once

// "Once the fold has reached the end that the log had when you asked." A refusal is an answer about the present: it is
// given only behind this barrier, so that a replica that lags never refuses what is right. One end-offset query serves
// all that wait. The engine's thread.

#include <deque>

#include "absl/status/status.h"
#include "libs/log/event_log.h"
#include "libs/runtime/inbox.h"
#include "libs/runtime/positions.h"
#include "libs/runtime/probe.h"

namespace throughline::runtime {

class EndBarrier {
 public:
  using Reached = std::function<void(absl::Status)>;  // UNAVAILABLE: the log did not say where its end is

  // Waits for these partitions' ends. All must outlive the barrier; `inbox` brings the log's answer to this thread.
  EndBarrier(log::EventLog& log, const Positions& positions, std::vector<log::Partition> partitions,
             std::shared_ptr<Inbox> inbox, Probe& probe);

  void Wait(Reached reached);
  // To be called after each fold step.
  void Folded();
  // Answers all that wait with `status`.
  void Fail(const absl::Status& status);

 private:
  struct Group {
    std::vector<log::Position> ends;
    std::vector<Reached> waiting;
  };
  void Query();
  void Answered(absl::StatusOr<std::vector<log::Position>> ends, std::vector<Reached> waiting);

  log::EventLog& log_;
  const Positions& positions_;
  const std::vector<log::Partition> partitions_;
  const std::shared_ptr<Inbox> inbox_;
  Probe& probe_;
  bool asking_ = false;
  std::vector<Reached> asking_next_;
  std::deque<Group> folding_;  // ends only grow, so the first is reached first
};

}  // namespace throughline::runtime

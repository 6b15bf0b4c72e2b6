#pragma once

// Waits until the fold has reached the end that the log had at the moment of asking. A refusal is an answer about the
// present: it is given only behind this barrier, so that a replica that lags never refuses a valid command. One query
// for the end of the log serves all that wait. The engine's thread.

#include <deque>
#include <optional>

#include "absl/status/status.h"

#include "libs/log/event_log.h"
#include "libs/runtime/fold/positions.h"
#include "libs/runtime/inbox.h"
#include "libs/runtime/probe.h"

namespace throughline::runtime {

class EndBarrier {
 public:
  // UNAVAILABLE: the log did not say where its end is. DEADLINE_EXCEEDED: not folded that far in time.
  using Reached = std::function<void(absl::Status)>;

  // Knows these partitions' ends. All must outlive the barrier; `inbox` brings the log's answer to this thread.
  EndBarrier(log::EventLog& log, const Positions& positions, std::vector<log::Partition> partitions,
             std::shared_ptr<Inbox> inbox, Probe& probe);

  // Waits for the end of one of the partitions, or of all: a partition whose fold has stopped holds up no other.
  void Wait(Reached reached, absl::Time deadline, std::optional<log::Partition> only = std::nullopt);
  bool idle() const { return !asking_ && folding_.empty(); }
  // The ends that the first of those that wait must see folded; null: nobody waits for a known end.
  // Valid until the next step.
  const std::vector<log::Position>* AwaitedEnds() const { return folding_.empty() ? nullptr : &folding_.front().ends; }
  // How many records stand between the fold and `end`.
  int64_t RecordsBefore(const log::Position& end) const;
  // To be called after each fold step.
  void Folded();
  // Answers those past their deadline; to be called now and then.
  void Expire(absl::Time now);
  // Answers all that wait with `status`.
  void Fail(const absl::Status& status);

 private:
  struct Waiting {
    Reached reached;
    absl::Time deadline;
    std::optional<log::Partition> only;
  };
  struct Group {
    std::vector<log::Position> ends;
    std::vector<Waiting> waiting;
  };
  void Query();
  void Answered(absl::StatusOr<std::vector<log::Position>> ends);
  bool IsReached(const Group& group, const Waiting& waiting) const;
  void ShowLag(const std::vector<log::Position>& ends);
  // Answers those for which `over` is true with `status`.
  void Answer(const std::function<bool(const Waiting&)>& over, const absl::Status& status);

  log::EventLog& log_;
  const Positions& positions_;
  const std::vector<log::Partition> partitions_;
  const std::shared_ptr<Inbox> inbox_;
  Probe& probe_;
  bool asking_ = false;
  std::vector<Waiting> asked_;  // by the query under way
  std::vector<Waiting> asking_next_;
  std::deque<Group> folding_;
};

}  // namespace throughline::runtime

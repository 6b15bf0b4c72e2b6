#pragma once

// Fires the timers that are due, of streams whose partition is assigned to this replica. A timer is a row that
// projections keep. To fire it is to give a command; the command's event makes the projection remove the row. If the
// command changes nothing, the row stays, and this process does not fire it again. The engine's thread.

#include "absl/container/flat_hash_set.h"

#include "libs/runtime/reactions/reaction_runner.h"
#include "libs/runtime/timers/timer_index.h"

namespace throughline::runtime {

class TimerRunner {
 public:
  TimerRunner(const AssignmentParts& parts, TimerHandler* handler, const ReactionRunner& assignment,
              CommandProcessor& commands);

  // Other partitions are assigned now: looks for their timers, too.
  void Assigned() { index_.Reset(); }
  // What the fold has just written: see kTimerChanged.
  void Folded(const absl::flat_hash_set<std::string>& notified);
  // Looks for due timers, at most every 50 ms, and only while a partition is assigned.
  void Step();

 private:
  void Fire(const std::string& key, absl::Time now);
  void Fire(const std::string& key, const throughline::log::v1::TimerRow& timer, absl::Time now);

  const AssignmentParts parts_;
  TimerHandler* const handler_;
  const ReactionRunner& assignment_;
  Attempts attempts_;
  TimerIndex index_;
  absl::flat_hash_map<std::string, int> firing_;  // by row key: commands not yet over
  absl::flat_hash_set<std::string> fired_;        // whose rows the fold has yet to remove
  absl::Duration looked_ = -absl::InfiniteDuration();
};

}  // namespace throughline::runtime

#pragma once

// A read model: rows that the fold maintains, written atomically with the position. A projection is a function of the
// commits alone: no clock, no randomness, no commands, so that a rebuild gives the same bytes. It sees the topics that
// its service folds; between topics there is no order, so rows that combine them must come out the same either way.

#include "libs/runtime/fold/accepted_commit.h"
#include "libs/runtime/fold/tables.h"
#include "libs/store/batch.h"

namespace throughline::runtime {

class Projection {
 public:
  virtual ~Projection() = default;
  // The fold's thread.
  virtual void Apply(const AcceptedCommit& commit, store::Batch& batch) = 0;
};

// A number that goes up and down with the commits, for gauges. `name` is unique in the service.
void Count(store::Batch& batch, const std::string& name, int64_t change);
int64_t Counted(const store::KeyValue& reader, const std::string& name);

// With a timer row's raw key after it: what a batch notifies of when it schedules or cancels that timer.
inline constexpr char kTimerChanged[] = "timer-row/";

// A command to be given to `stream` when `due` has passed; `name` tells the service's timer handler which. Scheduled
// and cancelled by projections, with the same arguments.
void ScheduleTimer(store::Batch& batch, absl::Time due, const std::string& stream, const std::string& name);
void CancelTimer(store::Batch& batch, absl::Time due, const std::string& stream, const std::string& name);

}  // namespace throughline::runtime

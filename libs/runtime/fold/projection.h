#pragma once

// A read model: rows that the fold maintains, written atomically with the position. A projection is a function of the
// commits alone, without clock, randomness or commands, so that a rebuild gives the same bytes. It sees all topics that
// its service folds. There is no order between topics, so a row that combines them must be the same in either order.

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

// A batch that schedules or cancels a timer notifies this prefix with the raw key of the timer's row.
inline constexpr char kTimerChanged[] = "timer-row/";

// Schedules a command to `stream` for when `due` has passed; `name` tells the service's timer handler which command. A
// timer is cancelled with the arguments that it was scheduled with. For projections.
void ScheduleTimer(store::Batch& batch, absl::Time due, const std::string& stream, const std::string& name);
void CancelTimer(store::Batch& batch, absl::Time due, const std::string& stream, const std::string& name);

}  // namespace throughline::runtime

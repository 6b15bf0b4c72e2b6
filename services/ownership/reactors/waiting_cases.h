#pragma once

// Gives the cases that nobody took to reps who are free, the oldest case first, each to the rep with the fewest open
// cases. A case waits if no rep was available with room for it when it was opened: its owner, a supervisor on duty or
// the fallback owner, looks after it. It waits no longer once anybody works on it.
//
// Any thread.

#include "libs/runtime/reactions/reactor.h"

namespace throughline::ownership {

class AssignWaitingCases : public runtime::Reactor {
 public:
  // At most so many at once; the reassignments lead to the next ones.
  static constexpr size_t kAtOnce = 100;

  bool NeedsPresent(const runtime::AcceptedCommit& commit) const override;
  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;
};

// The reaction itself, for a timer.
void AssignToFreeReps(const store::KeyValue& reader, runtime::Reactions& reactions);

}  // namespace throughline::ownership

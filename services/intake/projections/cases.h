#pragma once

// Cases, their interactions, and what combines them with their ownership: lists by owner and status, loads, counters.
//
// The present owner of a case is the one of its ownership stream if that has begun, else the one whom the opening
// named. What follows from that is written as the difference between a case's standing before and after a commit of
// either topic, so that it does not depend on which topic came first.

#include "libs/runtime/fold/projection.h"

namespace throughline::intake {

class CasesProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

// The roster, and which reps are available with which load.
class RosterProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

// Notices, and which are active for a component.
class NoticesProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

}  // namespace throughline::intake

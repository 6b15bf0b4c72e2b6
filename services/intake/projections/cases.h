#pragma once

// Cases, their interactions, and the rows that combine them with ownership: lists by owner and status, loads, counters.
//
// The present owner of a case is that of its ownership stream, or, until that stream begins, that of its opening. A
// commit of either topic writes the difference between the case's standing before and after it, so the rows do not
// depend on which topic is folded first.

#include "libs/runtime/fold/projection.h"

namespace throughline::intake {

class CasesProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

// The roster, and the available reps with their load.
class RosterProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

// Notices, and the active ones by component.
class NoticesProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

}  // namespace throughline::intake

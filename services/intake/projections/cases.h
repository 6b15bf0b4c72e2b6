#pragma once

// Cases, their interactions, matters, and the rows that combine them with ownership: lists by owner and status, loads,
// counters.
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

// How many cases that are not closed are owned by nobody who is an active person of ours.
int64_t CasesWithoutOwner(const store::KeyValue& reader);

// The roster, and the available reps with their load.
class RosterProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

// Notices, the active ones by component, and the components that are defined.
class NoticesProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

// What customers ordered and were promised. Applied after CasesProjection, whose standings name the customer.
class CustomersProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

}  // namespace throughline::intake

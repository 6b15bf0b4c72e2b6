#pragma once

// The rows of cases: openings, links to notices, views, and what follows from a case's view: worklists, timers,
// counters. What follows is written as the difference between the view before and after a commit, so it is a function
// of the rows it follows from, whatever the order in which the topics came.

#include "libs/runtime/fold/projection.h"
#include "services/ownership/projections/view.h"

namespace throughline::ownership {

class CaseProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

// Keeps the roster (people/people.h).
class PeopleProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

// Remembers which notices are resolved, for cases that are linked to one of them late.
class ResolvedNotices : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

}  // namespace throughline::ownership

#pragma once

// The rows of cases: openings, links to notices, views, and the worklists, timers and counters derived from a view. A
// commit writes the derived rows as the difference between the view before and after it, so they do not depend on the
// order in which the topics are folded.

#include "libs/runtime/fold/projection.h"
#include "services/ownership/projections/view/view.h"

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

// How much authority is used, for those who ask what they may do.
class AuthorityProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

// The resolved notices, for cases whose link to one is folded later.
class ResolvedNotices : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

}  // namespace throughline::ownership

#pragma once

// Completes merges: what is owed on a case that was merged, and what reaches it later, moves to the case that goes on.

#include "libs/runtime/reactions/reactor.h"
#include "services/ownership/domain/ownership.h"

namespace throughline::ownership {

class MergeReactor : public runtime::Reactor {
 public:
  explicit MergeReactor(const Periods& periods) : periods_(periods) {}
  // The opening of the case that goes on is of another partition.
  bool NeedsPresent(const runtime::AcceptedCommit& commit) const override;
  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;

 private:
  const Periods periods_;
};

}  // namespace throughline::ownership

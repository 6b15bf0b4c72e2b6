#pragma once

// What outages leave to be done: suspicions that somebody is to look at, and follow-ups of what was learned.
// kSuspicions, kFollowUps and their rows of kWorklist, from outage-notice's topic. The fold's thread.

#include "libs/runtime/fold/projection.h"
#include "services/ownership/projections/worklist.h"

namespace throughline::ownership {

class OutageItems : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

// The item's row, if it is about a suspicion or a follow-up. Any thread.
WorklistRows FindOutageItem(const store::KeyValue& reader, const ItemName& name);

}  // namespace throughline::ownership

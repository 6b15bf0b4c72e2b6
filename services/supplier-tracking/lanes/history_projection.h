#pragma once

// Keeps lanes, vendors' times and scorecards. A shipment and an order add what share.h says; a commit takes out what
// its stream added before and adds what it does now. So every row is a sum over the streams as they are, in whatever
// order they were folded.

#include "libs/runtime/fold/projection.h"

namespace throughline::supplier {

class HistoryProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

}  // namespace throughline::supplier

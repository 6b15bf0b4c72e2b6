#pragma once

// From the topics of intake and ownership: the cases about each order, their owners, and their events as entries of the
// order's trace.

#include "libs/runtime/fold/projection.h"

namespace throughline::supplier {

class CaseProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

}  // namespace throughline::supplier

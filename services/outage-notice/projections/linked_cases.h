#pragma once

// The number of cases linked to each notice, from intake's topic.

#include "libs/runtime/fold/projection.h"

namespace throughline::outage {

class LinkedCaseProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

}  // namespace throughline::outage

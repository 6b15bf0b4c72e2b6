#pragma once

// From intake's topic: how many cases are linked to each notice.

#include "libs/runtime/fold/projection.h"

namespace throughline::outage {

class LinkedCaseProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

}  // namespace throughline::outage

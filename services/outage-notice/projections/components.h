#pragma once

// From the components' streams: each component as it is defined.

#include "libs/runtime/fold/projection.h"

namespace throughline::outage {

class ComponentProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

}  // namespace throughline::outage

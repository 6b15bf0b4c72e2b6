#pragma once

// Components, from their streams.

#include "libs/runtime/fold/projection.h"

namespace throughline::outage {

class ComponentProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

}  // namespace throughline::outage

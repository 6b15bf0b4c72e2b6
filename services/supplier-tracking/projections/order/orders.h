#pragma once

// From the orders' streams: orders, their own entries of the trace, and the lists of orders.

#include "libs/runtime/fold/projection.h"

namespace throughline::supplier {

class OrderProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

}  // namespace throughline::supplier

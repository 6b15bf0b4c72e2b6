#pragma once

// From the shipments' streams: each shipment as it stands, its scans, the uses of its number, what waits in quarantine,
// and, once an order has announced it, its entries of the order's trace and its place in the order's view.

#include "libs/runtime/fold/projection.h"

namespace throughline::supplier {

class ShipmentProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

}  // namespace throughline::supplier

#pragma once

// From the shipments' streams: shipments, scans, epochs of numbers, the quarantine and, once an order has announced the
// shipment, its entries of the order's trace and its part of the order's view.

#include "libs/runtime/fold/projection.h"

namespace throughline::supplier {

class ShipmentProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

}  // namespace throughline::supplier

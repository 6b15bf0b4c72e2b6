#pragma once

// Keeps what each shipment waits for, with a timer for each (domain/shipment_check.h), and what of it was raised. A
// function of the shipment's stream alone, without settings. To be applied after HistoryProjection, which keeps when
// the shipment was announced.

#include "libs/runtime/fold/projection.h"

namespace throughline::supplier {

class DetectorProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

}  // namespace throughline::supplier

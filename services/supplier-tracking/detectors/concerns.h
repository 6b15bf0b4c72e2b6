#pragma once

// Takes what was found at a shipment (look.h) to its order, as a concern, and clears it once the shipment has moved on.
// Both are given again at every commit that may have to do with it; each has one effect.

#include "libs/runtime/reactions/reactor.h"

namespace throughline::supplier {

class RaiseShipmentConcerns : public runtime::Reactor {
 public:
  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;
};

}  // namespace throughline::supplier

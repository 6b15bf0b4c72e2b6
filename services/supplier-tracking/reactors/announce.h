#pragma once

// When an order adds a shipment, announces it to the shipment's stream, which may have started with a scan. Announcing
// twice has one effect. A shipment that belongs to another order refuses, and the refusal is logged and counted.

#include "libs/runtime/reactions/reactor.h"

namespace throughline::supplier {

class AnnounceShipments : public runtime::Reactor {
 public:
  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;
};

}  // namespace throughline::supplier

#pragma once

// An order that adds a shipment tells the shipment's stream, which may have begun before with the first scan. Told
// twice, it has one effect; a shipment that belongs to another order refuses, and the refusal is logged and counted.

#include "libs/runtime/reactions/reactor.h"

namespace throughline::supplier {

class AnnounceShipments : public runtime::Reactor {
 public:
  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;
};

}  // namespace throughline::supplier

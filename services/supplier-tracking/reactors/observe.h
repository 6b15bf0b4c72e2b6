#pragma once

// A shipment that arrives, is taken back, is expected at another time or is announced tells its order. The order takes
// what is new to it; scans in between do not touch it.

#include "libs/runtime/reactions/reactor.h"

namespace throughline::supplier {

class ObserveShipments : public runtime::Reactor {
 public:
  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;
};

}  // namespace throughline::supplier

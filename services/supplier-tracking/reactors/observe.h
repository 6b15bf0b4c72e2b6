#pragma once

// Reports a shipment to its order when it is announced or when its delivery, failure or ETA may have changed. The order
// records only what is new to it; other scans cause no command.

#include "libs/runtime/reactions/reactor.h"

namespace throughline::supplier {

class ObserveShipments : public runtime::Reactor {
 public:
  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;
};

}  // namespace throughline::supplier

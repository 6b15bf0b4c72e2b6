#pragma once

// What waits in quarantine is read again when the service starts: whoever extends a map needs to do no more than to
// start with it. Each message that has a meaning now is recorded as if it had been pushed; what still has none waits
// on.

#include "libs/runtime/streams.h"
#include "services/supplier-tracking/carriers/carrier_adapter.h"
#include "services/supplier-tracking/domain/shipment.h"

namespace throughline::supplier {

// Begins once everything that stood in the log has been folded. Several replicas may: each message counts once.
// `streams` must outlive what is under way.
void ReplayQuarantine(runtime::Streams& streams, std::shared_ptr<const Carriers> carriers,
                      const ShipmentLimits& limits);

}  // namespace throughline::supplier

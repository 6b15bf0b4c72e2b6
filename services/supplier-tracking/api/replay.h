#pragma once

// Reads the quarantine again, when the service starts and when an administrator asks for it, so that extending a map
// takes no more. Each message that has a meaning now is recorded as if it had been pushed; the others stay in
// quarantine.

#include "libs/runtime/streams.h"
#include "services/supplier-tracking/carriers/carrier_adapter.h"
#include "services/supplier-tracking/domain/shipment.h"

namespace throughline::supplier {

// Starts once everything in the log is folded. Several replicas may do it at once: each message is recorded once.
// `streams` must outlive the replay.
void ReplayQuarantine(runtime::Streams& streams, std::shared_ptr<const Carriers> carriers,
                      const ShipmentLimits& limits);

}  // namespace throughline::supplier

#pragma once

// PushStatusEvents: one answer per event, once it is durable.

#include "libs/runtime/streams.h"
#include "libs/server/api.h"
#include "services/supplier-tracking/api/live_carriers.h"
#include "services/supplier-tracking/supplier_tracking.h"

namespace throughline::supplier {

// `streams` must outlive `api`.
void ServePushStatus(server::Api& api, runtime::Streams& streams, std::shared_ptr<const LiveCarriers> carriers,
                     const Config& config);

}  // namespace throughline::supplier

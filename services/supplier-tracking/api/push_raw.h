#pragma once

// PushRawEvents: carriers' own payloads. Each gets one answer, with the result of every event in it.

#include "libs/runtime/streams.h"
#include "libs/server/api.h"
#include "services/supplier-tracking/api/live_carriers.h"
#include "services/supplier-tracking/supplier_tracking.h"

namespace throughline::supplier {

// `streams` must outlive `api`.
void ServePushRaw(server::Api& api, runtime::Streams& streams, std::shared_ptr<const LiveCarriers> carriers,
                  const Config& config);

}  // namespace throughline::supplier

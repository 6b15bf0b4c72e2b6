#pragma once

// DisputeDelivery, VerifyDelivery.

#include "libs/runtime/streams.h"
#include "libs/server/api.h"

namespace throughline::supplier {

// `streams` must outlive the api.
void ServeDeliveries(server::Api& api, runtime::Streams& streams);

}  // namespace throughline::supplier

#pragma once

// PlaceOrder, RecordVendorUpdate, AddShipment, TraceOrder, ListOrders, ListQuarantine.

#include "libs/runtime/streams.h"
#include "libs/server/api.h"

namespace throughline::supplier {

// `streams` must outlive `api`.
void ServeOrders(server::Api& api, runtime::Streams& streams, const std::string& fallback_owner);

}  // namespace throughline::supplier

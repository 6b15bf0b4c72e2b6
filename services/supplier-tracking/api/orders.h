#pragma once

// PlaceOrder, RecordVendorUpdate, AddShipment, TraceOrder, ListOrders.

#include "libs/runtime/streams.h"
#include "libs/server/api.h"
#include "services/ownership/people/read_scope.h"
#include "services/supplier-tracking/api/live_carriers.h"

namespace throughline::supplier {

// `streams` must outlive `api`.
void ServeOrders(server::Api& api, runtime::Streams& streams, std::shared_ptr<const LiveCarriers> carriers,
                 const std::string& fallback_owner, ownership::RepsRead reps_read, const std::string& customer_contact);

}  // namespace throughline::supplier

#pragma once

// The requests that the benchmarks send, with realistic sizes.

#include "throughline/intake/v1/commands.pb.h"
#include "throughline/supplier/v1/commands.pb.h"
#include "throughline/supplier/v1/push.pb.h"

namespace throughline::bench {

intake::v1::OpenCaseRequest OpenCase(const std::string& run, int64_t n);

std::string OrderId(int64_t n);
supplier::v1::PlaceOrderRequest PlaceOrder(int64_t n);
// One shipment of the whole order; its tracking number is TrackingNumber(n).
supplier::v1::RecordVendorUpdateRequest Dispatch(int64_t n);
std::string TrackingNumber(int64_t n);
// Scan number `scan` of that shipment; each has its own hour and place.
supplier::v1::PushStatusEventsRequest Scan(int64_t n, int scan);
// The same as UPS's own payload.
supplier::v1::PushRawEventsRequest Payload(int64_t n, int scan);

}  // namespace throughline::bench

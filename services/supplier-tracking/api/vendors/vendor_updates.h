#pragma once

// Completes a vendor's update to the command on its order, whoever brings it. Any thread.

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/runtime/streams.h"
#include "services/supplier-tracking/carriers/carrier_adapter.h"
#include "services/supplier-tracking/domain/order.h"

namespace throughline::supplier {

// Calls `done` once with the command that has what is known elsewhere: the tracking number as we write it, the zone of
// the order's destination for dates, other uses of its numbers. If the order is not known here, or a number is in use
// by another order, the present is folded first: this replica may lag. INVALID_ARGUMENT for the order's id or an ETA.
// `streams` must outlive it.
void PrepareUpdate(runtime::Streams& streams, const Carriers& carriers, v1::RecordVendorUpdateRequest request,
                   absl::Time now, absl::Time deadline, std::function<void(absl::StatusOr<UpdateFromVendor>)> done);

}  // namespace throughline::supplier

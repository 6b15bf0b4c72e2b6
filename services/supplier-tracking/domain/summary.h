#pragma once

// Where a shipment is, worked out from the set of its scans:
//
// 1. A scan that another scan corrects does not count.
// 2. A DELIVERED on a return leg, or after a RETURNING or RETURNED, is a RETURNED.
// 3. If any scan is DELIVERED or RETURNED, the shipment is that: the first of them, and nothing but a correction of it
//    changes that.
// 4. Otherwise the scan with the latest instant says where it is. Among equal instants the one that is further on its
//    way (a fixed order of the states), then the higher fingerprint. A carrier that says that it does not know
//    (UNKNOWN) does not count against one that knows.
//
// Pure; any thread.

#include "throughline/supplier/v1/shipment.pb.h"

namespace throughline::supplier {

// Sets state, reason, flags and state_since from the rest of the state.
void Summarize(v1::ShipmentState& state);

// Whether nothing more is to come: DELIVERED, RETURNED, LOST_OR_DAMAGED, CANCELLED.
bool IsOver(v1::TrackingState state);

uint32_t FlagBits(const google::protobuf::RepeatedField<int>& flags);
void SetFlags(uint32_t bits, google::protobuf::RepeatedField<int>& flags);

}  // namespace throughline::supplier

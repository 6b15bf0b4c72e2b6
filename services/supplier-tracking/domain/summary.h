#pragma once

// Computes the state of a shipment from the set of its scans:
//
// 1. A scan that another scan corrects does not count.
// 2. DELIVERED on a return leg, or after RETURNING or RETURNED, means RETURNED.
// 3. If any scan is DELIVERED or RETURNED, the first of them decides. Only a correction of that scan changes this.
// 4. Otherwise the scan with the latest instant decides; of equal instants the one whose state is further on the way (a
//    fixed order), then the one with the higher fingerprint. UNKNOWN decides only if there is no other state.
// 5. READY_FOR_PICKUP in a store of ours counts only once that store's receipt scan is known, whenever that comes.
// Until
//    then the two contradict each other: it is flagged CONFLICTING and does not count.
//
// Pure; any thread.

#include "throughline/supplier/v1/shipment.pb.h"
#include "throughline/supplier/v1/state.pb.h"

namespace throughline::supplier {

// Sets state, reason, flags, state_since and what else is computed from the other fields.
void Summarize(v1::ShipmentState& state);

// Whether the state is final: DELIVERED, RETURNED, LOST_OR_DAMAGED, CANCELLED.
bool IsOver(v1::TrackingState state);

uint32_t FlagBits(const google::protobuf::RepeatedField<int>& flags);
void SetFlags(uint32_t bits, google::protobuf::RepeatedField<int>& flags);

}  // namespace throughline::supplier

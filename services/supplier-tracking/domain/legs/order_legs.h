#pragma once

// The gaps between the legs of an order's shipments.
//
// A leg ends where a carrier hands over, or delivers to another place than the customer's. From then on the next leg is
// awaited (LegAwaited, with the time by which it is to be scanned) until its carrier has scanned it (LegTaken). If
// nobody has by that time, the order has a concern, LEG_GAP, which the first scan clears.
//
// Pure functions; any thread.

#include <string>
#include <vector>

#include "absl/time/time.h"

#include "throughline/supplier/v1/leg.pb.h"
#include "throughline/supplier/v1/order.pb.h"
#include "throughline/supplier/v1/state.pb.h"

namespace throughline::supplier {

// `request.due` has passed, and the leg after `request.shipment` may still be awaited.
struct PassLegDue {
  v1::LegAwaited request;
};

// Whether the carrier has it: announcing it is no scan.
bool HasBegun(v1::TrackingState state);

// The present name of the leg that goes on after this one, or nullptr: the first that has begun, else the first.
const v1::OrderState::Shipment* NextLeg(const v1::OrderState& state, const v1::OrderState::Shipment& shipment);

// Adds to `events`, which were decided on `before`, what follows from them for the gaps between legs. `within`: for how
// long after its end a next leg is awaited; of an end that we learn of late, for an hour from `now`, so that the scans
// that come with it count.
void AddLegEvents(const v1::OrderState& before, absl::Duration within, absl::Time now,
                  std::vector<v1::OrderEvent>& events);

// What Order::Evolve makes of the events.
void EvolveLegs(v1::OrderState& state, const v1::LegAwaited& awaited);
void EvolveLegs(v1::OrderState& state, const v1::LegTaken& taken);

}  // namespace throughline::supplier

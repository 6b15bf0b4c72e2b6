#pragma once

// Whether what a carrier calls delivered has arrived. The carrier's proof is a claim; what one of us found out is kept
// apart from it.
//
// - A delivery to the customer without the proof that this carrier gives otherwise awaits it (ProofAwaited). If it does
//   not come in time, the order has the concern PROOF_MISSING.
// - A delivery that the customer disputes has the concern DELIVERY_DISPUTED.
// - Both end when one of us verifies the delivery, or the carrier takes it back; PROOF_MISSING also with the proof.
//
// Pure functions; any thread.

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "throughline/supplier/v1/delivery.pb.h"
#include "throughline/supplier/v1/order.pb.h"
#include "throughline/supplier/v1/state.pb.h"

namespace throughline::supplier {

// `request.due` has passed, and the proof of `request.shipment` may still be awaited.
struct PassProofDue {
  v1::ProofAwaited request;
};

// Adds to `events`, which were decided on `before`, what follows from them for the delivery of this shipment. `within`:
// for how long after a delivery the carrier's proof is awaited (after one that we learn of late: an hour from `now`);
// nullopt: it gives none.
void AddDeliveryEvents(const v1::OrderState& before, const std::string& shipment, std::optional<absl::Duration> within,
                       absl::Time now, std::vector<v1::OrderEvent>& events);

// What Order::Evolve makes of the events.
void EvolveDelivery(v1::OrderState& state, const v1::ProofAwaited& awaited);
void EvolveDelivery(v1::OrderState& state, const v1::DeliveryDisputed& disputed);
void EvolveDelivery(v1::OrderState& state, const v1::DeliveryVerified& verified);
void EvolveDelivery(v1::OrderState::Shipment& shipment, const v1::ShipmentObserved& observed);

}  // namespace throughline::supplier

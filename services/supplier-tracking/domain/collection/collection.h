#pragma once

// Lines that the customer collects in a store of ours.
//
// - Their last leg ends at the store. The carrier's DELIVERED means that it has reached the store, never that the
//   customer has it.
// - A shipment is ready once its store has scanned its receipt, or something of it was collected: who hands goods over
//   has seen them. It is ready no longer if that scan is corrected, or if it goes back or is lost.
// - While the carrier says that it is there and the store has not received it, the receipt is awaited; if it stays
// away,
//   the order has the concern RECEIPT_MISSING. The receipt of another store is a contradiction
//   (concerns/contradictions.h). What is not collected in its time is UNCLAIMED.
// - The promise of such a line is judged by when it was ready; it is complete when it was collected.
//
// Pure functions; any thread.

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "throughline/supplier/v1/collection.pb.h"
#include "throughline/supplier/v1/order.pb.h"
#include "throughline/supplier/v1/state.pb.h"

namespace throughline::supplier {

// How long a store's receipt is awaited, and how long what is ready may wait for its collection.
struct CollectionTimes {
  absl::Duration receipt_within = absl::Hours(24);
  absl::Duration collect_within = absl::Hours(24 * 5);
};

// `request.due` has passed, and the receipt of `request.shipment` may still be awaited.
struct PassReceiptDue {
  v1::ReceiptAwaited request;
};
// `request.collect_by` has passed, and `request.shipment` may still wait for its collection.
struct PassCollectionDue {
  v1::ShipmentReady request;
};

// The store where these lines are collected; empty: they are brought. nullopt: they go to several places.
std::optional<std::string> DestinationOf(const v1::OrderState& state,
                                         const google::protobuf::RepeatedPtrField<std::string>& line_ids);

// Whether another store than the one where it ends has received it, and that one has not.
bool IsInAnotherStore(const v1::OrderState::Shipment& shipment, const v1::ShipmentObserved& observed);

// Whether it ends at a store, and all that it carries was collected.
bool IsCollected(const v1::OrderState& state, const v1::OrderState::Shipment& shipment);

// When all of the line was with the customer or ready for them; InfinitePast before it is.
absl::Time ThereAt(const v1::OrderState& state, const v1::OrderState::Line& line);
// When all of the order was with the customer or ready for them; InfinitePast before anything is.
absl::Time ThereAt(const v1::OrderState& state);

// Adds to `events`, which were decided on `before`, what follows from the observation for the collection of what the
// shipment carries.
void AddCollectionEvents(const v1::OrderState& before, const v1::ShipmentObserved& observed,
                         const CollectionTimes& times, absl::Time now, std::vector<v1::OrderEvent>& events);

// Whether the observation says something of the collection that the order does not know.
bool IsNewsForCollection(const v1::OrderState& state, const v1::ShipmentObserved& observed,
                         const CollectionTimes& times, absl::Time now);

// What Order::Evolve makes of the events.
void EvolveCollection(v1::OrderState& state, const v1::ShipmentReady& ready);
void EvolveCollection(v1::OrderState& state, const v1::ShipmentReadinessWithdrawn& withdrawn);
void EvolveCollection(v1::OrderState& state, const v1::ReceiptAwaited& awaited);
void EvolveCollection(v1::OrderState& state, const v1::LinesCollected& collected);
void EvolveCollection(v1::OrderState::Shipment& shipment, const v1::ShipmentObserved& observed);

}  // namespace throughline::supplier

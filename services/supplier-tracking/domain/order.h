#pragma once

// The rules of an order, the stream `order/<id>`. It is placed once; its vendors report on its lines; shipments carry
// them; it is complete when every line is delivered by its last legs, or collected. It always has an owner at our
// company, never a vendor or carrier.
//
// If a command changes the ETA, EtaChanged follows; if it changes whether the promise is at risk, PromiseAtRisk or
// PromiseRecovered follows (standing.h).
//
// Pure functions; any thread.

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/runtime/domain/caller.h"
#include "services/supplier-tracking/domain/collection/collection.h"
#include "services/supplier-tracking/domain/concerns/order_concerns.h"
#include "services/supplier-tracking/domain/delivery/order_delivery.h"
#include "services/supplier-tracking/domain/legs/order_legs.h"
#include "services/supplier-tracking/domain/risk/order_forecast.h"
#include "throughline/supplier/v1/collection.pb.h"
#include "throughline/supplier/v1/commands.pb.h"
#include "throughline/supplier/v1/estimate.pb.h"
#include "throughline/supplier/v1/order.pb.h"
#include "throughline/supplier/v1/order_change.pb.h"
#include "throughline/supplier/v1/order_link.pb.h"
#include "throughline/supplier/v1/serial.pb.h"
#include "throughline/supplier/v1/state.pb.h"

namespace throughline::supplier {

// What other streams know of the tracking number in a command.
struct NumberFacts {
  uint32_t epoch = 1;     // of this order's shipment
  std::string in_use_by;  // another order whose shipment with this number is not over; else empty
};

// Links to the order's page: how long one lasts unless it is said otherwise, and at most; how many an order has.
inline constexpr absl::Duration kLinkLasts = absl::Hours(24 * 60);
inline constexpr absl::Duration kLinkLastsAtMost = absl::Hours(24 * 400);
inline constexpr int kMostLinks = 20;

inline constexpr char kNotAnOrderId[] = "is not an order id: use 1 to 64 of the characters A-Z a-z 0-9 . _ -";

// The commands. ETAs in the requests are complete: they have `latest`.
struct PlaceOrder {
  v1::PlaceOrderRequest request;
  std::string order_id;        // the caller's, or derived from the command
  std::string fallback_owner;  // owns orders that systems place without naming an owner; may be empty
  absl::Status owner;          // whether OwnerOf may own: PERSON_UNKNOWN, PERSON_DEACTIVATED
};
struct ReassignOrder {
  v1::ReassignOrderRequest request;
  absl::Status person;  // whether request.to may own: PERSON_UNKNOWN, PERSON_DEACTIVATED
};
// request.from was deactivated. Does nothing if they do not own the order, or it is complete.
struct RelieveOrderOwner {
  v1::OrderReassigned request;  // from, to, reason
};
struct UpdateFromVendor {
  v1::RecordVendorUpdateRequest request;       // as it was given; of a document, only what identifies it
  NumberFacts number;                          // for a dispatch
  v1::Estimate estimate = {};                  // from the time that it states, by our history; without `eta`: none
  std::vector<std::string> ssccs_in_use = {};  // those of the request that another order had within kSsccLasts
  // The request with what is known elsewhere; none: `request` is complete. It is apart, as what is known may differ
  // when the same command is tried again.
  std::optional<v1::RecordVendorUpdateRequest> complete = std::nullopt;

  const v1::RecordVendorUpdateRequest& update() const { return complete ? *complete : request; }
};
struct AddShipment {
  v1::AddShipmentRequest request;
  NumberFacts number;
};
struct ObserveShipment {
  v1::ShipmentObserved request;
  absl::Duration leg_awaited_for = absl::Hours(24);           // how long after its end the next leg is awaited
  std::optional<absl::Duration> proof_within = std::nullopt;  // after a delivery, if the carrier gives proof
  CollectionTimes collection = {};
  v1::Estimate estimate = {};  // of a shipment that its carrier has picked up, by our history; without `eta`: none
};
// The promised time has passed.
struct PassPromise {
  v1::OrderOverdue request;
};

struct Order {
  static constexpr char kKind[] = "order";
  using State = v1::OrderState;
  using Event = v1::OrderEvent;
  using Decision = absl::StatusOr<std::vector<Event>>;

  // The rep or supervisor who places the order; else the person that it names; else the fallback. May be empty.
  static const std::string& OwnerOf(const PlaceOrder& command, const runtime::Caller& caller);

  // ALREADY_EXISTS ORDER_EXISTS; FAILED_PRECONDITION OWNER_NEEDED, PERSON_UNKNOWN, PERSON_DEACTIVATED.
  static Decision Decide(const State& state, const PlaceOrder& command, const runtime::Caller& caller);
  // NOT_FOUND ORDER_UNKNOWN; PERMISSION_DENIED NOT_YOUR_PARTY; FAILED_PRECONDITION NO_SUCH_VENDOR, LINE_DISPATCHED,
  // SUBSTITUTE_NOT_ACCEPTED, SSCC_IN_USE, ORDER_COMPLETED, NUMBER_IN_USE, DESTINATIONS_DIFFER.
  static Decision Decide(const State& state, const UpdateFromVendor& command, const runtime::Caller& caller);
  // NOT_FOUND ORDER_UNKNOWN; FAILED_PRECONDITION FOLLOWS_UNKNOWN, ORDER_COMPLETED, NUMBER_IN_USE,
  // DESTINATIONS_DIFFER.
  static Decision Decide(const State& state, const AddShipment& command, const runtime::Caller& caller);
  // Takes over the shipment's present state. No events if that changes nothing, or if the order has no such shipment.
  static Decision Decide(const State& state, const ObserveShipment& command, const runtime::Caller& caller);
  // No events if nothing of the order is missing, or it is already overdue.
  static Decision Decide(const State& state, const PassPromise& command, const runtime::Caller& caller);
  // changes/order_changes.cc. Refusals: see the RPCs.
  static Decision Decide(const State& state, const v1::AmendOrderRequest& request, const runtime::Caller& caller);
  static Decision Decide(const State& state, const v1::CancelLinesRequest& request, const runtime::Caller& caller);
  // Refusals: see the RPC.
  static Decision Decide(const State& state, const ReassignOrder& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const RelieveOrderOwner& command, const runtime::Caller& caller);
  // risk/order_forecast.cc. No events if the order is complete or overdue, or that says nearly what was said before.
  static Decision Decide(const State& state, const AssessPromise& command, const runtime::Caller& caller);
  // concerns/order_concerns.cc. No events if the order is not there, the concern is open, or was raised by the same
  // key.
  static Decision Decide(const State& state, const RaiseConcern& command, const runtime::Caller& caller);
  // No events if it is not open.
  static Decision Decide(const State& state, const ClearConcern& command, const runtime::Caller& caller);
  // legs/order_legs.cc. No events if the leg is not awaited by this time any more.
  static Decision Decide(const State& state, const PassLegDue& command, const runtime::Caller& caller);
  // serials/order_serials.cc. Refusals: see the RPC.
  static Decision Decide(const State& state, const v1::RecordSerialRequest& request, const runtime::Caller& caller);
  // delivery/order_delivery.cc. Refusals: see the RPCs. PassProofDue: no events if the proof is not awaited any more.
  static Decision Decide(const State& state, const v1::DisputeDeliveryRequest& request, const runtime::Caller& caller);
  static Decision Decide(const State& state, const v1::VerifyDeliveryRequest& request, const runtime::Caller& caller);
  static Decision Decide(const State& state, const PassProofDue& command, const runtime::Caller& caller);
  // collection/record_collection.cc. Refusals: see the RPC.
  static Decision Decide(const State& state, const v1::RecordCollectionRequest& request, const runtime::Caller& caller);
  // collection/collection.cc. No events if the receipt or the collection is not awaited any more.
  static Decision Decide(const State& state, const PassReceiptDue& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const PassCollectionDue& command, const runtime::Caller& caller);
  // order_link.cc. A link's id is DerivedId(caller, kLinkPart).
  static constexpr char kLinkPart[] = "link";
  static Decision Decide(const State& state, const v1::CreateOrderLinkRequest& request, const runtime::Caller& caller);
  static Decision Decide(const State& state, const v1::RevokeOrderLinkRequest& request, const runtime::Caller& caller);

  static void Evolve(State& state, const Event& event);

 private:
  static void Apply(State& state, const Event& event);
};

}  // namespace throughline::supplier

#pragma once

// The rules of an order, the stream `order/<id>`: placed once, told of by its vendors, carried by shipments, complete
// when the last leg of every line is delivered. A named person at our company answers for it throughout; no vendor and
// no carrier ever does.
//
// When a command moves the expectation, EtaChanged follows; when the order's standing towards its promise changes,
// PromiseAtRisk or PromiseRecovered (standing.h).
//
// Pure functions of their arguments; safe from any thread.

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "libs/runtime/domain/caller.h"
#include "throughline/supplier/v1/commands.pb.h"
#include "throughline/supplier/v1/order.pb.h"

namespace throughline::supplier {

// What other streams know of a tracking number, as a command names it.
struct NumberFacts {
  uint32_t epoch = 1;     // the use of the number that this order's shipment is
  std::string in_use_by;  // another order, whose shipment with this number is still under way; else empty
};

// The commands. ETAs in the requests are complete (they have `latest`); times and numbers are as the caller gave them.
struct PlaceOrder {
  v1::PlaceOrderRequest request;
  std::string order_id;        // as given or as made
  std::string fallback_owner;  // answers for what systems place without naming anybody; may be empty
};
struct UpdateFromVendor {
  v1::RecordVendorUpdateRequest request;
  NumberFacts number;  // of a dispatch
};
struct AddShipment {
  v1::AddShipmentRequest request;
  NumberFacts number;
};
struct ObserveShipment {
  v1::ShipmentObserved request;
};
// The promised time is here.
struct PassPromise {
  v1::OrderOverdue request;
};

struct Order {
  static constexpr char kKind[] = "order";
  using State = v1::OrderState;
  using Event = v1::OrderEvent;
  using Decision = absl::StatusOr<std::vector<Event>>;

  // ALREADY_EXISTS ORDER_EXISTS; FAILED_PRECONDITION OWNER_NEEDED.
  static Decision Decide(const State& state, const PlaceOrder& command, const runtime::Caller& caller);
  // NOT_FOUND ORDER_UNKNOWN; PERMISSION_DENIED NOT_YOUR_PARTY; FAILED_PRECONDITION NO_SUCH_VENDOR, LINE_DISPATCHED,
  // ORDER_COMPLETED, NUMBER_IN_USE.
  static Decision Decide(const State& state, const UpdateFromVendor& command, const runtime::Caller& caller);
  // NOT_FOUND ORDER_UNKNOWN; FAILED_PRECONDITION FOLLOWS_UNKNOWN, ORDER_COMPLETED, NUMBER_IN_USE.
  static Decision Decide(const State& state, const AddShipment& command, const runtime::Caller& caller);
  // What the shipment's stream says now. Nothing to do if the order knows it, or no such shipment.
  static Decision Decide(const State& state, const ObserveShipment& command, const runtime::Caller& caller);
  // Nothing to do if the order is complete, or known to be overdue.
  static Decision Decide(const State& state, const PassPromise& command, const runtime::Caller& caller);

  static void Evolve(State& state, const Event& event);
};

}  // namespace throughline::supplier

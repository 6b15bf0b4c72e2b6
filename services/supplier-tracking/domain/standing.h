#pragma once

// When all of an order is expected, and whether that keeps its promise.
//
// A line is expected when the last legs that carry it are; without a carrier's word, when its vendor says. A vendor
// that only says when it sends, or when it has the goods again, is expected no earlier than that. The order is expected
// with the last of its lines. A line of which nothing is known does not count; but if a vendor says that it does not
// know when, or a carrier that it lost a parcel or takes it back, the whole is unknown, and at risk, until what was in
// the parcel is sent again. Once the promised time has passed, an order that is not complete is at risk whatever
// anybody says.
//
// Pure functions; any thread.

#include <optional>
#include <string>
#include <vector>

#include "throughline/supplier/v1/order.pb.h"

namespace throughline::supplier {

struct Standing {
  std::optional<v1::Eta> eta;
  bool at_risk = false;
  std::string cause;  // a sentence; empty unless at risk
};
Standing StandingOf(const v1::OrderState& state);

// Whether a shipment in this state is lost, goes back or was never sent.
bool HasFailed(v1::TrackingState state);

// Sets each line DELIVERED exactly if at least one last leg carries it, and all of those have arrived. Shipments that
// were cancelled do not count, nor those in whose place the line was sent again.
void RefreshLines(v1::OrderState& state);

// What was in failed shipments is sent again with `added`: a shipment that is new, and no further leg of another that
// is still under way.
void SendAgain(v1::OrderState& state, const v1::ShipmentAdded& added);

// Adds to `events`, which were decided on `before`, all that follows from them: delivered lines complete the order, and
// EtaChanged, PromiseAtRisk, PromiseRecovered. `source` says whose word it is: `vendor/<id>` or a shipment's stream.
void AddConsequences(const v1::OrderState& before, const std::string& source, std::vector<v1::OrderEvent>& events);

bool Same(const google::protobuf::MessageLite& a, const google::protobuf::MessageLite& b);

const v1::OrderState::Shipment* FindShipment(const v1::OrderState& state, const std::string& shipment);

}  // namespace throughline::supplier

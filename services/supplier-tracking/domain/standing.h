#pragma once

// When all of an order is expected, and whether that keeps its promise.
//
// A line is expected when the last legs that carry it are; without a carrier's word, when its vendor says. A vendor
// that only says when it sends, or when it has the goods again, is expected no earlier than that. The order is expected
// with the last of its lines. A line of which nothing is known does not count; but if a vendor says that it does not
// know when, the whole is unknown, and at risk.
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

// Sets each line DELIVERED exactly if at least one last leg carries it, and all of those have arrived.
void RefreshLines(v1::OrderState& state);

// Adds to `events`, which were decided on `before`, all that follows from them: delivered lines complete the order, and
// EtaChanged, PromiseAtRisk, PromiseRecovered. `source` says whose word it is: `vendor/<id>` or a shipment's stream.
void AddConsequences(const v1::OrderState& before, const std::string& source, std::vector<v1::OrderEvent>& events);

bool Same(const google::protobuf::MessageLite& a, const google::protobuf::MessageLite& b);

const v1::OrderState::Shipment* FindShipment(const v1::OrderState& state, const std::string& shipment);

}  // namespace throughline::supplier

#pragma once

// The ETA of an order, and whether its promise is at risk. Of its lines: eta/expectation.h and alarms.h.
//
// - The ETA of the order is the latest of its lines. A line of which nothing is known does not count. Without any, it
// is
//   that of our history (risk/order_forecast.h), if that says one.
// - A vendor that does not know when, or a carrier that loses or returns a parcel, makes the ETA unknown and puts the
//   promise at risk, until the parcel is found or its lines are sent again.
// - What history holds for likely late is at risk (risk/order_forecast.h), if nothing of the above says so.
// - An order of which something is missing at its promised time is at risk until it is complete.
// - What is ready for collection is not missing: the promise is kept by then, or broken for good.
//
// Pure functions; any thread.

#include <optional>
#include <string>
#include <vector>

#include "throughline/supplier/v1/estimate.pb.h"
#include "throughline/supplier/v1/order.pb.h"
#include "throughline/supplier/v1/state.pb.h"

namespace throughline::supplier {

struct Standing {
  std::optional<v1::Eta> eta;
  v1::EtaSource eta_source = v1::ETA_SOURCE_UNSPECIFIED;
  std::string eta_reason;  // a sentence for staff
  bool at_risk = false;
  std::string cause;  // a sentence; empty unless at risk
};
Standing StandingOf(const v1::OrderState& state);

// Whether the state means that the shipment was lost, returned or cancelled.
bool HasFailed(v1::TrackingState state);

// Whether the vendor still has the line, or a part of it.
bool IsWithVendor(v1::LineStatus status);

// Whether nothing more of the line is to come: delivered or collected (whether or not it goes back), or cancelled.
bool IsSettled(v1::LineStatus status);
// Whether nothing of the line is missing: it is settled, or ready for collection.
bool IsThere(v1::LineStatus status);

// Sets a line DELIVERED or READY_FOR_COLLECTION exactly if all of it has arrived (quantities.h), COLLECTED exactly if
// all of it was collected, or by its returns (returns/returns.h).
void RefreshLines(v1::OrderState& state);

// Records that the lines of failed shipments are sent again with `added`. If `added` follows a shipment, only the lines
// of that one are.
void SendAgain(v1::OrderState& state, const v1::ShipmentAdded& added);

// Adds to `events`, which were decided on `before`, the events that follow from them: OrderCompleted, EtaChanged,
// PromiseAtRisk, PromiseRecovered, and concerns (vendors/vendor_concerns.h). `source` is who caused it: `vendor/<id>`,
// `store/<id>` or a shipment's stream.
void AddConsequences(const v1::OrderState& before, const std::string& source, std::vector<v1::OrderEvent>& events);

bool Same(const google::protobuf::MessageLite& a, const google::protobuf::MessageLite& b);

const v1::OrderState::Shipment* FindShipment(const v1::OrderState& state, const std::string& shipment);

}  // namespace throughline::supplier

#pragma once

// When a line is expected, where that comes from, and why. What somebody says comes first, the surest first: the
// carrier, the vendor's delivery date, its dispatch or restock date with the way that its goods take, the pick-up with
// the way of the lane. How long a way takes comes with the event (Estimate), so that the log gives the same again.
//
// Pure functions; any thread.

#include <optional>
#include <string>

#include "absl/time/time.h"

#include "throughline/supplier/v1/estimate.pb.h"
#include "throughline/supplier/v1/order.pb.h"
#include "throughline/supplier/v1/state.pb.h"

namespace throughline::supplier {

struct Expectation {
  v1::Eta eta;
  v1::EtaSource source = v1::ETA_SOURCE_UNSPECIFIED;
  std::string shipment;              // the one that decides; empty: the vendor
  v1::Estimate estimate;             // if the source is one
  google::protobuf::Timestamp from;  // of VENDOR_DISPATCH: when it is sent, or there again
  // What is held against the promise: the latest of all that is said of a part of the line, also if a part that nobody
  // dates is expected after it. Of a way whose beginning the vendor dates that is the likely time. What has begun its
  // way and is dated by nobody is judged by the forecast (risk/order_forecast.h): InfinitePast.
  absl::Time judged = absl::InfinitePast();
  std::string judged_shipment;  // the one that `judged` is of; empty: the vendor
};

// Whether another store than the one where it ends has received it, and that one has not: where it is, is not known.
bool IsReceivedElsewhere(const v1::OrderState::Shipment& shipment);
// Whether its carrier says that it has reached the store where it ends, and no other store denies that.
bool IsSaidToBeInStore(const v1::OrderState::Shipment& shipment);

// The expectation of a line: the latest of its last legs, and while a part of it is not sent, or without one, its
// vendor's, not before dispatch or restock. nullopt if nothing is known. What a carrier calls delivered to a store that
// has not received it is expected then. What the vendor says of the customer's door is surer than the usual way of a
// shipment whose carrier says nothing.
std::optional<Expectation> ExpectationOf(const v1::OrderState& state, const v1::OrderState::Line& line);

// For staff, in a sentence: `vendor acme sends on 2026-12-03; the way takes 2 to 4 days (90 % of 412)`.
std::string WhyText(const v1::OrderState::Line& line, const Expectation& expected);
// `2 to 4 days`, `5 to 20 hours`.
std::string WayText(const v1::Estimate& estimate);

}  // namespace throughline::supplier

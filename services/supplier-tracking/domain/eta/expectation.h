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
  // What is held against the promise: the latest time; of a way whose beginning the vendor dates, the likely one. What
  // has begun its way and is dated by nobody is judged by the forecast (risk/order_forecast.h): InfinitePast.
  absl::Time judged = absl::InfinitePast();
};

// The expectation of a line: the latest of its last legs; without one, or while a part of it is not sent, its vendor's,
// not before dispatch or restock. nullopt if nothing is known. What a carrier calls delivered to a store that has not
// received it is expected then.
std::optional<Expectation> ExpectationOf(const v1::OrderState& state, const v1::OrderState::Line& line);

// For staff, in a sentence: `vendor acme sends on 2026-12-03; the way takes 2 to 4 days (90 % of 412)`.
std::string WhyText(const v1::OrderState::Line& line, const Expectation& expected);
// `2 to 4 days`, `5 to 20 hours`.
std::string WayText(const v1::Estimate& estimate);

}  // namespace throughline::supplier

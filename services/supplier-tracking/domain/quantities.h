#pragma once

// How many of a line were sent, and how many have arrived: with the customer, or, of what they collect, ready in the
// store.
//
// A shipment says how many of a line it carries, or carries all that no other shipment does. If two do not say it, each
// may have all of it: the line has arrived once both have.
//
// Pure functions; any thread.

#include <string>
#include <vector>

#include "google/protobuf/repeated_ptr_field.h"

#include "throughline/supplier/v1/line_quantity.pb.h"
#include "throughline/supplier/v1/state.pb.h"

namespace throughline::supplier {

using Quantities = google::protobuf::RepeatedPtrField<v1::LineQuantity>;

// The quantity that is said of the line; 0: none.
uint32_t QuantityIn(const Quantities& quantities, const std::string& line_id);
// Whether the line is among them.
bool Mentions(const Quantities& quantities, const std::string& line_id);

// What is said of each line, in this order; `before` where nothing is.
Quantities Combined(const std::vector<std::string>& lines, const Quantities& said, const Quantities& before);

// Whether it brings goods where they are to be, by the last carrier on the way: to the customer, or to the store of
// ours where they are collected.
bool EndsTheWay(const v1::OrderState::Shipment& shipment);
bool EndsAtTheCustomer(const v1::OrderState::Shipment& shipment);
// Whether one that ends the way has done so: it is delivered to the customer, or ready for collection. That a carrier
// calls it delivered to a store is not enough.
bool HasReached(const v1::OrderState::Shipment& shipment);
// Whether it carries the line. A cancelled shipment does not, nor one whose line was sent again.
bool Carries(const v1::OrderState::Shipment& shipment, const v1::OrderState::Line& line);

// How many of the line the shipment carries.
uint32_t CarriedBy(const v1::OrderState& state, const v1::OrderState::Shipment& shipment,
                   const v1::OrderState::Line& line);
// How many of the line are under way or delivered: what first legs carry.
uint32_t SentOf(const v1::OrderState& state, const v1::OrderState::Line& line);
// How many of the line have arrived by last legs.
uint32_t ArrivedOf(const v1::OrderState& state, const v1::OrderState::Line& line);
// Whether all of the line has arrived by last legs.
bool HasArrived(const v1::OrderState& state, const v1::OrderState::Line& line);
// Whether all of the line is sent once `quantity` (0: all that is left) of it goes with this carrier and number.
bool IsAllSent(const v1::OrderState& state, const v1::OrderState::Line& line, const std::string& carrier,
               const std::string& tracking_number, uint32_t quantity);

}  // namespace throughline::supplier

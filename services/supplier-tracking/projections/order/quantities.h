#pragma once

// How many of a line: in views, and in words. Pure functions; any thread.

#include <string>

#include "services/supplier-tracking/domain/quantities.h"
#include "throughline/supplier/v1/order.pb.h"
#include "throughline/supplier/v1/rows.pb.h"
#include "throughline/supplier/v1/state.pb.h"
#include "throughline/supplier/v1/views.pb.h"

namespace throughline::supplier {

using LineIds = google::protobuf::RepeatedPtrField<std::string>;

// Sets how many of each line were sent and delivered, and how many each shipment carries.
void CopyQuantities(const v1::OrderState& state, v1::OrderView& view);

// The lines of which quantities are said.
LineIds LinesIn(const Quantities& quantities);
// `lines 1, 2`; where quantities are said `1 of line 1, line 2`.
std::string LinesText(const LineIds& line_ids, const Quantities& quantities = {});

// What a customer calls the lines: as LineNames (customer_text.h), and `1 of 2 Cups` where it is a part.
std::string PartNames(const v1::OrderView& order, const LineIds& line_ids, const Quantities& quantities);

// Says in the entry of a delivery how much of its lines has arrived, where that is not all.
void AddParts(const v1::ShipmentDelivered& delivered, const v1::OrderState& after, const v1::OrderView& view,
              v1::TraceRow& row);
// How many have arrived of the lines in the shipment that are not there whole: `1 of 2 of line 1`, for a customer `1 of
// 2 Cups`. Empty if there are none.
std::string PartlyArrived(const v1::OrderState& state, const v1::OrderView& order, const std::string& shipment,
                          bool customer);

}  // namespace throughline::supplier

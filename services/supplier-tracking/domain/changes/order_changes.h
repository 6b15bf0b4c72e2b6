#pragma once

// Changes of an order after it was placed: amendments and cancellations. The commands are Order::Decide of
// AmendOrderRequest and CancelLinesRequest (order.h). Pure functions; any thread.

#include "libs/runtime/domain/refusal.h"
#include "throughline/supplier/v1/order.pb.h"
#include "throughline/supplier/v1/state.pb.h"

namespace throughline::supplier {

inline constexpr int kMostLines = 200;

// Whether nothing more happens with the order: complete or cancelled.
bool IsClosed(const v1::OrderState& state);
// FAILED_PRECONDITION ORDER_COMPLETED or ORDER_CANCELLED if it is closed.
absl::Status CheckOpen(const v1::OrderState& state);

// Adds a violation for each thing that is wrong with lines that are ordered. `state`: those that the order has.
void CheckOrdered(runtime::FieldViolations& bad, const std::string& field,
                  const google::protobuf::RepeatedPtrField<v1::OrderLine>& lines, const v1::OrderState& state);

void AddLine(v1::OrderState& state, const v1::OrderLine& ordered);
void EvolveChange(v1::OrderState& state, const v1::OrderAmended& amended);
void EvolveChange(v1::OrderState& state, const v1::LinesCancelled& cancelled);

}  // namespace throughline::supplier

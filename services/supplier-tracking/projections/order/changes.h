#pragma once

// Amendments and cancellations of an order, in views and in words. Any thread.

#include <string>

#include "absl/time/time.h"

#include "throughline/supplier/v1/order.pb.h"
#include "throughline/supplier/v1/rows.pb.h"
#include "throughline/supplier/v1/state.pb.h"
#include "throughline/supplier/v1/views.pb.h"

namespace throughline::supplier {

// For staff.
std::string ChangeText(const v1::OrderAmended& amended);
std::string ChangeText(const v1::LinesCancelled& cancelled);
std::string ChangeText(const v1::ShipmentReturned& returned);
// `2026-03-02 08:00 UTC`, or `2026-03-02 06:00 UTC to 2026-03-02 08:00 UTC` for a window.
std::string PromiseText(const google::protobuf::Timestamp& time, const google::protobuf::Timestamp* from);

// For customers; `names`: what they call the lines. The order as it was before.
std::string AmendedForCustomer(const v1::OrderAmended& amended, const v1::OrderView& order);
std::string CancelledForCustomer(const v1::LinesCancelled& cancelled, const v1::OrderView& order);

// Sets what the entry is about, and its change of the running values.
void DetailChange(const v1::OrderAmended& amended, const v1::OrderView& before, v1::TraceRow& row);
void DetailChange(const v1::LinesCancelled& cancelled, v1::TraceRow& row);
void DetailChange(const v1::ShipmentReturned& returned, v1::TraceRow& row);

// Adds the lines; changes quantities.
void ApplyChange(const v1::OrderAmended& amended, v1::OrderView& view);
// Sets the promise, the first one, whether the order was in time, and its status. `time`: of the commit.
void CopyPromise(const v1::OrderState& state, absl::Time time, v1::OrderView& view);

}  // namespace throughline::supplier

#pragma once

// What the API reads. Any thread.

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "libs/store/key_value.h"
#include "services/supplier-tracking/domain/order.h"
#include "throughline/supplier/v1/queries.pb.h"
#include "throughline/supplier/v1/rows.pb.h"

namespace throughline::supplier {

// One point read. NOT_FOUND ORDER_UNKNOWN.
absl::StatusOr<v1::OrderRow> ReadOrder(const store::KeyValue& reader, const std::string& order_id);

// All entries of the order's trace, in order, each with who answered, the promise and the expectation just after it:
// one scan, and one point read for each notice that a case of the order is linked to.
std::vector<v1::TraceEntry> ReadTrace(const store::KeyValue& reader, const v1::OrderRow& order);

// A page each; INVALID_ARGUMENT for a page token of another question.
absl::StatusOr<v1::TraceOrderResponse> TraceOrder(const store::KeyValue& reader, const v1::TraceOrderRequest& request);
absl::StatusOr<v1::ListOrdersResponse> ListOrders(const store::KeyValue& reader, const v1::ListOrdersRequest& request);
absl::StatusOr<v1::ListQuarantineResponse> ListQuarantine(const store::KeyValue& reader,
                                                          const v1::ListQuarantineRequest& request);
// NOT_FOUND SHIPMENT_UNKNOWN. `carrier` and `tracking_number` are set and normal, `epoch` too (0: the present one).
absl::StatusOr<v1::GetShipmentResponse> GetShipment(const store::KeyValue& reader,
                                                    const v1::GetShipmentRequest& request);

// Which use of a number a scan of this instant belongs to: the newest that had begun by then. The first use begins
// before all time; a later one three days before its order announced it, but not before the one before it ended.
uint32_t EpochAt(const v1::NumberRow& number, absl::Time instant);
// Whether any stream of this use was seen; the first use always may begin.
bool KnowsEpoch(const v1::NumberRow& number, uint32_t epoch);

// Which use of a number an order means when it adds a shipment now: its own, if it has one; the present one, if no
// order has it; else a new one, if the present one is over (it has ended, or there was no scan for 120 days). A use
// that ended over 30 days ago without any order is over too.
NumberFacts FactsOf(const store::KeyValue& reader, const std::string& carrier, const std::string& number,
                    const std::string& order_id, absl::Time now);

}  // namespace throughline::supplier

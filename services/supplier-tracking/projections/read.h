#pragma once

// What the API reads. Any thread.

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

#include "libs/runtime/fold/seen.h"
#include "libs/store/key_value.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/projections/trace.h"
#include "throughline/supplier/v1/queries.pb.h"
#include "throughline/supplier/v1/rows.pb.h"

namespace throughline::supplier {

// One point read. NOT_FOUND ORDER_UNKNOWN.
absl::StatusOr<v1::OrderRow> ReadOrder(const store::KeyValue& reader, const std::string& order_id);

// A part of an order's trace.
struct TracePart {
  std::vector<v1::TraceEntry> entries;  // in order, each with what holds just after it (carried.h)
  std::optional<TraceKey> more_after;   // the last one's, if others follow
};
// At most `most` entries (above 0) after the key; none given: the first. Reads that many rows of the order and a row
// for each notice that a case of it is linked to, which are few and hold at most 100 entries each; not what it skips.
TracePart ReadTrace(const store::KeyValue& reader, const v1::OrderRow& order, const std::optional<TraceKey>& after,
                    size_t most);

// An entry that became known.
struct KnownEntry {
  TraceKey key;
  std::optional<v1::TraceRow> row;  // if it is at hand
};
// Those that `until` has and `from` has not, in the order of the trace: what became known of the order by commits
// between the two, however old it is. It reads a row for each, one or two for each partition that tells of the order,
// and the notices. The same on every replica that has folded as far as `until`.
std::vector<KnownEntry> KnownSince(const store::KeyValue& reader, const v1::OrderRow& order, const runtime::Seen& from,
                                   const runtime::Seen& until);
// The ids of entries that `from` had and `until` has not.
std::vector<std::string> GoneSince(const store::KeyValue& reader, const v1::OrderRow& order, const runtime::Seen& from,
                                   const runtime::Seen& until);
// These, as ReadTrace shows them; without what is gone, as a carrier's message that got
// a meaning.
std::vector<v1::TraceEntry> ReadEntries(const store::KeyValue& reader, const v1::OrderRow& order,
                                        absl::Span<const KnownEntry> known);

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

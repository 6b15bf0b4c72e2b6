#pragma once

// The reads of the API. Any thread.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

#include "libs/runtime/fold/seen.h"
#include "libs/store/key_value.h"
#include "services/ownership/people/read_scope.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/projections/order/show_order.h"
#include "services/supplier-tracking/projections/trace/trace.h"
#include "throughline/supplier/v1/queries.pb.h"
#include "throughline/supplier/v1/rows.pb.h"

namespace throughline::supplier {

// One point read. NOT_FOUND ORDER_UNKNOWN.
absl::StatusOr<v1::OrderRow> ReadOrder(const store::KeyValue& reader, const std::string& order_id);

// A part of an order's trace.
struct TracePart {
  std::vector<v1::TraceEntry> entries;  // in order, with their running values (carried.h)
  std::optional<TraceKey> more_after;   // the key of the last entry, if others follow
};
// At most `most` entries (above 0) after the key, or the first ones, without those that the audience does not see.
// Reads one row per entry, and one per notice that is linked to the order's cases. These are few and hold at most 100
// entries each.
TracePart ReadTrace(const store::KeyValue& reader, const v1::OrderRow& order, const std::optional<TraceKey>& after,
                    size_t most, v1::Audience audience = v1::AUDIENCE_STAFF);

// An entry that was added to the trace.
struct KnownEntry {
  TraceKey key;
  std::optional<v1::TraceRow> row;  // if it is read already
};
// The entries that commits between `from` and `until` added to the trace, sorted as in the trace, however old they are.
// Reads a row per entry, one or two per partition with commits about the order, and the notices. The result is the same
// on every replica that has folded up to `until`.
std::vector<KnownEntry> KnownSince(const store::KeyValue& reader, const v1::OrderRow& order, const runtime::Seen& from,
                                   const runtime::Seen& until);
// The ids of entries that the trace had at `from` and has no more at `until`.
std::vector<std::string> GoneSince(const store::KeyValue& reader, const v1::OrderRow& order, const runtime::Seen& from,
                                   const runtime::Seen& until);
// The entries as ReadTrace gives them, without those that were removed since, such as a quarantined message that has
// got a meaning.
std::vector<v1::TraceEntry> ReadEntries(const store::KeyValue& reader, const v1::OrderRow& order,
                                        absl::Span<const KnownEntry> known, v1::Audience audience = v1::AUDIENCE_STAFF);

// One page. INVALID_ARGUMENT for a page token of another query. `contact`: how customers reach us.
absl::StatusOr<v1::TraceOrderResponse> TraceOrder(const store::KeyValue& reader, const v1::TraceOrderRequest& request,
                                                  const ownership::ReadScope& scope = {},
                                                  const std::string& contact = "");
absl::StatusOr<v1::ListOrdersResponse> ListOrders(const store::KeyValue& reader, const v1::ListOrdersRequest& request,
                                                  const ownership::ReadScope& scope = {});
absl::StatusOr<v1::ListQuarantineResponse> ListQuarantine(const store::KeyValue& reader,
                                                          const v1::ListQuarantineRequest& request);
absl::StatusOr<v1::ListQuarantinedMessagesResponse> ListQuarantinedMessages(
    const store::KeyValue& reader, const v1::ListQuarantinedMessagesRequest& request);
absl::StatusOr<v1::ListMappedCodesResponse> ListMappedCodes(const store::KeyValue& reader,
                                                            const v1::ListMappedCodesRequest& request);
// NOT_FOUND SHIPMENT_UNKNOWN. `carrier` and `tracking_number` must be set and normalised; `epoch` 0 is the present one.
absl::StatusOr<v1::GetShipmentResponse> GetShipment(const store::KeyValue& reader,
                                                    const v1::GetShipmentRequest& request);

// The epoch that a scan of this instant belongs to: the newest that had begun by then. The first has no beginning; a
// later one begins three days before its order announced it, but not before the previous one ended. A return that is
// announced while the way there has not ended begins when it is announced.
uint32_t EpochAt(const v1::NumberRow& number, absl::Time instant);
// The epoch that has the scan with this fingerprint, which depends on the epoch; nullopt if none has. Reads all scans
// of the number's epochs: for corrections, which are few.
std::optional<uint32_t> EpochWith(const store::KeyValue& reader, const std::string& carrier, const std::string& number,
                                  const std::function<std::string(uint32_t epoch)>& fingerprint);
// Whether the epoch has a stream. Epoch 1 always counts as known.
bool KnowsEpoch(const v1::NumberRow& number, uint32_t epoch);

// The epoch of a number for a shipment that the order adds now: its own, if it has one; else the present one, if that
// belongs to no order; else a new one, if the present one is over: ended, or without a scan for 120 days. An epoch
// without an order is over 30 days after it ended. Otherwise `in_use_by` is set. A return is a leg of its own, even
// under the number of the way there, whatever the state of that.
NumberFacts FactsOf(const store::KeyValue& reader, const std::string& carrier, const std::string& number,
                    const std::string& order_id, absl::Time now, bool return_leg = false);

}  // namespace throughline::supplier

#pragma once

// The tables of the supplier-tracking service. A changed table means another kLayout.

#include "libs/store/table.h"
#include "throughline/supplier/v1/rows.pb.h"

namespace throughline::supplier {

inline constexpr char kLayout[] = "supplier-tracking-4";

// Order.
inline constexpr store::Table<v1::OrderRow, std::string> kOrders{16};
// Order, time, topic, partition, offset, index: what happened to it, in the order of the trace.
inline constexpr store::Table<v1::TraceRow, std::string, absl::Time, int64_t, int64_t, int64_t, int64_t> kTrace{17};
// Carrier, number, epoch.
inline constexpr store::Table<v1::ShipmentView, std::string, std::string, int64_t> kShipments{18};
// Carrier, number, epoch, instant, first 16 bytes of the fingerprint.
inline constexpr store::Table<v1::ScanRow, std::string, std::string, int64_t, absl::Time, std::string> kScans{19};
// Shipment's stream, kind of event (its number in ShipmentEvent), first 16 bytes of the fingerprint: what does not
// count.
inline constexpr store::Table<v1::UnclearRow, std::string, int64_t, std::string> kUnclear{20};
// Carrier, number.
inline constexpr store::Table<v1::NumberRow, std::string, std::string> kNumbers{21};
// Case.
inline constexpr store::Table<v1::CaseRow, std::string> kCases{22};
// Notice.
inline constexpr store::Table<v1::NoticeRow, std::string> kNotices{23};
// Carrier, API version, type, code.
inline constexpr store::Table<v1::QuarantineView, std::string, std::string, std::string, std::string> kQuarantine{24};
// When placed (newest first), order: all, those at risk, and each customer's.
inline constexpr store::Table<std::string, store::Descending, std::string> kByTime{25};
inline constexpr store::Table<std::string, store::Descending, std::string> kAtRisk{26};
inline constexpr store::Table<std::string, std::string, store::Descending, std::string> kByCustomer{27};
// Shipment, as a stream: those that their orders know as lost, cancelled or going back. No contents.
inline constexpr store::Table<std::string, std::string> kFailed{28};
// Order, kind of turn (TurnKind), and the trace's key backwards, so that the newest comes first: what changes who
// answers, the expectation or the risk from there on.
inline constexpr store::Table<v1::TurnRow, std::string, int64_t, store::Descending, int64_t, int64_t, int64_t, int64_t>
    kTurns{29};
// Order, topic, partition, offset of the commit by which the entry came to the order, its own offset, index -> its time
// in microseconds: the entries in the order in which they became known. The two offsets differ for what is known of a
// shipment before an order names it.
inline constexpr store::Table<int64_t, std::string, int64_t, int64_t, int64_t, int64_t, int64_t> kKnown{30};
// The same key for an entry that left the order, by the commit by which it did -> the offset by which it had come.
inline constexpr store::Table<int64_t, std::string, int64_t, int64_t, int64_t, int64_t, int64_t> kGone{31};

// Counters behind the gauges.
inline constexpr char kOrdersOpen[] = "orders_open";
inline constexpr char kOrdersAtRisk[] = "orders_at_risk";
inline constexpr char kQuarantinedNow[] = "quarantined";

// The timer of an order that waits for the promised time.
inline constexpr char kPromisedTime[] = "promised-time";

// What the API watches.
inline std::string OrderTopic(const std::string& order_id) { return "order/" + order_id; }
inline std::string NoticeTopic(const std::string& notice_id) { return "notice/" + notice_id; }

}  // namespace throughline::supplier

#pragma once

// The tables of supplier-tracking, besides the roster (services/ownership/people/people.h) and those of lanes and
// scorecards (lanes/history_tables.h). Changing one needs a new kLayout.

#include "libs/store/table.h"
#include "throughline/supplier/v1/queries.pb.h"
#include "throughline/supplier/v1/rows.pb.h"
#include "throughline/supplier/v1/vendor_document.pb.h"

namespace throughline::supplier {

inline constexpr char kLayout[] = "supplier-tracking-28";

// Order.
inline constexpr store::Table<v1::OrderRow, std::string> kOrders{16};
// Order, time, topic, partition, offset, index: the entries of its trace.
inline constexpr store::Table<v1::TraceRow, std::string, absl::Time, int64_t, int64_t, int64_t, int64_t> kTrace{17};
// Carrier, number, epoch.
inline constexpr store::Table<v1::ShipmentView, std::string, std::string, int64_t> kShipments{18};
// Carrier, number, epoch, instant, first 16 bytes of the fingerprint.
inline constexpr store::Table<v1::ScanRow, std::string, std::string, int64_t, absl::Time, std::string> kScans{19};
// Shipment's stream, field number of the event in ShipmentEvent, first 16 bytes of the fingerprint: contradictions and
// quarantined messages, which do not count.
inline constexpr store::Table<v1::UnclearRow, std::string, int64_t, std::string> kUnclear{20};
// Carrier, number.
inline constexpr store::Table<v1::NumberRow, std::string, std::string> kNumbers{21};
// Case.
inline constexpr store::Table<v1::CaseRow, std::string> kCases{22};
// Notice.
inline constexpr store::Table<v1::NoticeRow, std::string> kNotices{23};
// Carrier, API version, type, code.
inline constexpr store::Table<v1::QuarantineView, std::string, std::string, std::string, std::string> kQuarantine{24};
// When placed (newest first), order: all orders, those at risk, and those of a customer.
inline constexpr store::Table<std::string, store::Descending, std::string> kByTime{25};
inline constexpr store::Table<std::string, store::Descending, std::string> kAtRisk{26};
inline constexpr store::Table<std::string, std::string, store::Descending, std::string> kByCustomer{27};
// Shipment's stream: shipments that their orders know as failed (HasFailed), handed over or
// contradictory. Empty values.
inline constexpr store::Table<std::string, std::string> kFailed{28};
// Order, TurnKind, and the complement of the trace's key, so that the newest is first: changes of owner, ETA or risk.
inline constexpr store::Table<v1::TurnRow, std::string, int64_t, store::Descending, int64_t, int64_t, int64_t, int64_t>
    kTurns{29};
// Order, topic, partition, offset of the commit that added the entry to the order, the entry's own offset, index -> its
// time in microseconds: the entries in the order in which they were added. The two offsets differ for entries of a
// shipment from before an order announced it.
inline constexpr store::Table<int64_t, std::string, int64_t, int64_t, int64_t, int64_t, int64_t> kKnown{30};
// The same key for a removed entry, with the offset of the commit that removed it -> that of the commit that added it.
inline constexpr store::Table<int64_t, std::string, int64_t, int64_t, int64_t, int64_t, int64_t> kGone{31};
// Owner, order: the open orders that a person owns themselves, not through a case. Empty values.
inline constexpr store::Table<std::string, std::string, std::string> kOpenByOwner{32};
// Carrier, API version, type, code, text: the codes that got a meaning at run time.
inline constexpr store::Table<v1::MappedCode, std::string, std::string, std::string, std::string, std::string> kMapped{
    33};
// SSCC, order -> when a notice that names the carton was last recorded, in seconds since 1970: the orders with a
// carton.
inline constexpr store::Table<int64_t, std::string, std::string> kCartons{34};
// Vendor, document: those in quarantine.
inline constexpr store::Table<v1::VendorDocumentQuarantined, std::string, std::string> kVendorDocuments{35};
// One of the three below, order, vendor, document (the last two only in kWaits): the documents that await their order.
inline constexpr store::Table<int64_t, int64_t, std::string, std::string, std::string> kVendorDocumentsOf{36};
inline constexpr int64_t kHowManyWait = 0;   // how many they are
inline constexpr int64_t kWaits = 1;         // each of them
inline constexpr int64_t kWaitedEnough = 2;  // the order is placed: they are to be read
// When placed (newest first), order: those with which something is wrong. Empty values.
inline constexpr store::Table<std::string, store::Descending, std::string> kWithConcern{40};
// Shipment's stream, first 16 bytes of the fingerprint, offset: the body of a quarantined message beyond its beginning,
// which is in kUnclear.
inline constexpr store::Table<v1::QuarantinePartRow, std::string, std::string, int64_t> kQuarantineParts{54};

// Carrier or vendor -> when it gave its last accepted command, in seconds since 1970.
inline constexpr store::Table<int64_t, std::string> kPartners{56};

// Counters behind the gauges.
inline constexpr char kOrdersOpen[] = "orders_open";
inline constexpr char kOrdersAtRisk[] = "orders_at_risk";
inline constexpr char kQuarantinedNow[] = "quarantined";
inline constexpr char kOrdersWithConcern[] = "orders_with_concern";  // with `/` and the kind

// The timer for an order's promised time.
inline constexpr char kPromisedTime[] = "promised-time";
// The timers by which the leg after a shipment is awaited; the shipment follows.
inline constexpr char kLegTimer[] = "leg/";
// The timers by which the proof of a delivery is awaited; the shipment follows.
inline constexpr char kProofTimer[] = "proof/";
// The timers by which a store's receipt, and a collection, are awaited; the shipment follows.
inline constexpr char kReceiptTimer[] = "receipt/";
inline constexpr char kCollectTimer[] = "collect/";

// Watch topics.
inline std::string OrderTopic(const std::string& order_id) { return "order/" + order_id; }
inline std::string NoticeTopic(const std::string& notice_id) { return "notice/" + notice_id; }

}  // namespace throughline::supplier

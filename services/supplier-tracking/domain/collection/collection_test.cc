// Lines that the customer collects in a store of ours.

#include "services/supplier-tracking/domain/collection/collection.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/testing_given.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/standing.h"

namespace throughline::supplier {
namespace {

using runtime::testing::By;
using runtime::testing::FromText;
using runtime::testing::Given;

const runtime::Caller kAna = By("ana", common::v1::ROLE_REP);  // at 1772366400
const runtime::Caller kShop = By("shop", common::v1::ROLE_SERVICE);

// Two cups and a table, both collected in store-1; promised by 1772800000.
constexpr char kPlaced[] = R"(placed { order_id: "SO-1" customer_id: "c1" owner: "ana"
  placed_at { seconds: 1772100000 } promised_time { seconds: 1772800000 }
  lines { line_id: "1" sku: "cup" quantity: 2 vendor_id: "acme" collect_at: "store-1" }
  lines { line_id: "2" sku: "table" quantity: 1 vendor_id: "bolt" collect_at: "store-1" } })";
// The cups and the table, each in a shipment of its own.
constexpr char kCups[] = R"(shipment_added { shipment: "shipment/ups/A/1" carrier: "ups" tracking_number: "A" epoch: 1
  leg: 1 last_leg: true line_ids: "1" collect_at: "store-1" })";
constexpr char kTable[] = R"(shipment_added { shipment: "shipment/ups/B/1" carrier: "ups" tracking_number: "B" epoch: 1
  leg: 1 last_leg: true line_ids: "2" collect_at: "store-1" })";

std::string Seen(const std::string& number, int version, const std::string& state, const std::string& more = "") {
  return absl::StrCat("shipment: \"shipment/ups/", number, "/1\" shipment_version: ", version,
                      " state: TRACKING_STATE_", state, " state_since { seconds: 1772300000 } ", more);
}
std::string Receipt(const std::string& store, int64_t at = 1772310000) {
  return absl::StrCat("store_receipts { store: \"", store, "\" at { seconds: ", at, " } }");
}
ObserveShipment Seeing(const std::string& text) { return {FromText<v1::ShipmentObserved>(text)}; }
std::string Observed(const std::string& text) { return absl::StrCat("shipment_observed { ", text, " }"); }
std::string Ready(const std::string& number, const std::string& more = "", int64_t at = 1772310000) {
  return absl::StrCat("shipment_ready { shipment: \"shipment/ups/", number,
                      "/1\" store: \"store-1\" at { seconds: ", at, " } ", more, " }");
}
std::string Delivered(const std::string& number) {
  return absl::StrCat("shipment_delivered { shipment: \"shipment/ups/", number,
                      "/1\" at { seconds: 1772300000 } last_leg: true collect_at: \"store-1\" }");
}
v1::RecordCollectionRequest Collecting(const std::string& text) {
  return FromText<v1::RecordCollectionRequest>(absl::StrCat(R"(order_id: "SO-1" )", text));
}

TEST(Collection, LinesThatNameNoStoreAreCollectedWhereTheOrderIs) {
  const auto events = Order::Decide(
      {},
      PlaceOrder{FromText<v1::PlaceOrderRequest>(R"(customer_id: "c1" promised_time { seconds: 1772800000 }
             collect_at: "store-1" lines { line_id: "1" sku: "a" quantity: 1 vendor_id: "acme" }
             lines { line_id: "2" sku: "b" quantity: 1 vendor_id: "acme" collect_at: "store-2" })"),
                 "SO-1", "sam"},
      kShop);
  ASSERT_TRUE(events.ok()) << events.status();
  EXPECT_EQ((*events)[0].placed().lines(0).collect_at(), "store-1");
  EXPECT_EQ((*events)[0].placed().lines(1).collect_at(), "store-2");
}

TEST(Collection, AShipmentEndsAtTheStoreOfItsLines) {
  Given<Order>({kPlaced})
      .When(AddShipment{FromText<v1::AddShipmentRequest>(R"(carrier: "ups" tracking_number: "A" line_ids: "1")"), {}},
            kAna)
      .Then({kCups});
  // To another carrier, it ends nowhere yet.
  Given<Order>({kPlaced})
      .When(AddShipment{FromText<v1::AddShipmentRequest>(
                            R"(carrier: "ups" tracking_number: "A" line_ids: "1" hand_over: true)"),
                        {}},
            kAna)
      .Then({R"(shipment_added { shipment: "shipment/ups/A/1" carrier: "ups" tracking_number: "A" epoch: 1 leg: 1
                                 line_ids: "1" })"});
}

TEST(Collection, OneLastLegHasOneDestination) {
  const std::string mixed = R"(placed { order_id: "SO-1" owner: "ana" promised_time { seconds: 1772800000 }
    lines { line_id: "1" sku: "cup" quantity: 2 vendor_id: "acme" collect_at: "store-1" }
    lines { line_id: "2" sku: "table" quantity: 1 vendor_id: "acme" } })";
  const auto added = [&](const std::string& more) {
    return AddShipment{FromText<v1::AddShipmentRequest>(R"(carrier: "ups" tracking_number: "A" )" + more), {}};
  };
  Given<Order>({mixed}).When(added(""), kAna).ThenRefused(absl::StatusCode::kFailedPrecondition, "several places");
  EXPECT_EQ(runtime::ReasonOf(Order::Decide(Given<Order>({mixed}).state(), added(""), kAna).status()),
            "DESTINATIONS_DIFFER");
  UpdateFromVendor sent{FromText<v1::RecordVendorUpdateRequest>(
                            R"(vendor_id: "acme" dispatched { carrier: "ups" tracking_number: "A" })"),
                        {}};
  Given<Order>({mixed})
      .When(sent, By("acme", common::v1::ROLE_PARTNER, "acme"))
      .ThenRefused(absl::StatusCode::kFailedPrecondition, "name those that go to one of them");
  EXPECT_TRUE(Order::Decide(Given<Order>({mixed}).state(), added("hand_over: true"), kAna).ok());
  EXPECT_TRUE(Order::Decide(Given<Order>({mixed}).state(), added("return_leg: true"), kAna).ok());
}

TEST(Collection, WhatTheCarrierCallsDeliveredIsNotReadyBeforeTheStoreHasReceivedIt) {
  Given<Order>({kPlaced, kCups})
      .When(Seeing(Seen("A", 2, "DELIVERED")), kAna)
      .Then({Observed(Seen("A", 2, "DELIVERED")), Delivered("A"),
             R"(receipt_awaited { shipment: "shipment/ups/A/1" store: "store-1" since { seconds: 1772300000 }
                                  due { seconds: 1772386400 } })",
             R"(eta_changed { new_eta { latest { seconds: 1772300000 } } source: "shipment/ups/A/1"
                            eta_source: ETA_SOURCE_STORE reason: "it is in store store-1, says ups" })"})
      .AndState([](const v1::OrderState& state) {
        EXPECT_EQ(state.lines(0).status(), v1::LINE_STATUS_ORDERED);
        EXPECT_FALSE(state.has_completed_at());
      });
}

TEST(Collection, TheStoresReceiptMakesItReady) {
  Given<Order>({kPlaced, kCups, Observed(Seen("A", 2, "DELIVERED")), Delivered("A")})
      .When(Seeing(Seen("A", 3, "DELIVERED", Receipt("store-1"))), kAna)
      .Then({Observed(Seen("A", 3, "DELIVERED", Receipt("store-1"))), Ready("A", "collect_by { seconds: 1772742000 }")})
      .AndState([](const v1::OrderState& state) {
        EXPECT_EQ(state.lines(0).status(), v1::LINE_STATUS_READY_FOR_COLLECTION);
        EXPECT_FALSE(state.shipments(0).has_receipt_due());
      });
}

TEST(Collection, AMissingReceiptIsRaisedOnceAndEndsWithIt) {
  const std::vector<std::string> awaited = {
      kPlaced, kCups, Observed(Seen("A", 2, "DELIVERED")), Delivered("A"),
      R"(receipt_awaited { shipment: "shipment/ups/A/1" store: "store-1" since { seconds: 1772300000 }
                           due { seconds: 1772360000 } })"};
  const PassReceiptDue due{FromText<v1::ReceiptAwaited>(R"(shipment: "shipment/ups/A/1" due { seconds: 1772360000 })")};
  const std::string raised =
      R"(concern_raised { owner: "ana" customer_id: "c1" concern { kind: CONCERN_KIND_RECEIPT_MISSING
           about: "shipment/ups/A/1" since { seconds: 1772300000 } key: "1772300000000000/1772360000000000"
           state: TRACKING_STATE_DELIVERED
           text: "ups A has been in our store store-1 since 2026-02-28 17:33 UTC, says the carrier, and the store has not received it" } })";
  Given<Order>(awaited).When(due, kAna).Then({raised});
  const PassReceiptDue another{
      FromText<v1::ReceiptAwaited>(R"(shipment: "shipment/ups/A/1" due { seconds: 1772360001 })")};
  Given<Order>(awaited).When(another, kAna).Then({});
  std::vector<std::string> open = awaited;
  open.push_back(raised);
  Given<Order>(open).When(due, kAna).Then({});
  const auto cleared = [&](const std::string& seen) {
    const auto events = Order::Decide(Given<Order>(open).state(), Seeing(seen), kAna);
    std::string evidence;
    for (const auto& event : *events) evidence += event.concern_cleared().evidence();
    return evidence;
  };
  EXPECT_EQ(cleared(Seen("A", 3, "DELIVERED", Receipt("store-1"))), "store store-1 has received it");
  EXPECT_EQ(cleared(Seen("A", 3, "IN_TRANSIT")), "the carrier says that it is not there");
  EXPECT_EQ(cleared(Seen("A", 3, "READY_FOR_PICKUP")), "");
}

TEST(Collection, AReceiptByAnotherStoreIsAContradiction) {
  const auto events = Order::Decide(Given<Order>({kPlaced, kCups}).state(),
                                    Seeing(Seen("A", 2, "READY_FOR_PICKUP", Receipt("store-9"))), kAna);
  ASSERT_TRUE(events.ok());
  const auto raised = absl::c_find_if(*events, [](const auto& event) { return event.has_concern_raised(); });
  ASSERT_NE(raised, events->end());
  EXPECT_EQ(raised->concern_raised().concern().kind(), v1::CONCERN_KIND_CONTRADICTION);
  EXPECT_EQ(raised->concern_raised().concern().text(),
            "ups A was received by our store store-9, and is to be collected in store-1");
  EXPECT_TRUE(absl::c_none_of(*events, [](const auto& event) { return event.has_shipment_ready(); }));
}

TEST(Collection, AReceiptThatIsCorrectedTakesTheReadinessBack) {
  Given<Order>({kPlaced, kCups, Observed(Seen("A", 2, "READY_FOR_PICKUP", Receipt("store-1"))), Ready("A")})
      .When(Seeing(Seen("A", 3, "READY_FOR_PICKUP")), kAna)
      .Then({Observed(Seen("A", 3, "READY_FOR_PICKUP")),
             R"(shipment_readiness_withdrawn { shipment: "shipment/ups/A/1"
                  reason: "the store's receipt scan was corrected" })",
             R"(receipt_awaited { shipment: "shipment/ups/A/1" store: "store-1" since { seconds: 1772300000 }
                                  due { seconds: 1772386400 } })"})
      .AndState([](const v1::OrderState& state) { EXPECT_EQ(state.lines(0).status(), v1::LINE_STATUS_DISPATCHED); });
}

TEST(Collection, WhatGoesBackIsNotReadyAndPutsThePromiseAtRisk) {
  const auto events = Order::Decide(
      Given<Order>({kPlaced, kCups, Observed(Seen("A", 2, "READY_FOR_PICKUP", Receipt("store-1"))), Ready("A")})
          .state(),
      Seeing(Seen("A", 3, "RETURNING", Receipt("store-1"))), kAna);
  ASSERT_TRUE(events.ok());
  EXPECT_TRUE(absl::c_any_of(*events, [](const auto& event) { return event.has_shipment_readiness_withdrawn(); }));
  EXPECT_TRUE(absl::c_any_of(*events, [](const auto& event) { return event.has_promise_at_risk(); }));
}

// Both are ready in time, and collected after the promise.
std::vector<std::string> BothReady() {
  return {kPlaced,
          kCups,
          kTable,
          Observed(Seen("A", 2, "READY_FOR_PICKUP", Receipt("store-1"))),
          Ready("A"),
          Observed(Seen("B", 2, "READY_FOR_PICKUP", Receipt("store-1"))),
          Ready("B", "", 1772320000)};
}

TEST(Collection, ThePromiseIsJudgedByTheReadinessAndTheCompletionIsTheCollection) {
  runtime::Caller late = kAna;
  late.time = absl::FromUnixSeconds(1772900000);
  Given<Order>(BothReady())
      .When(Collecting(R"(store: "store-1")"), late)
      .Then({R"(lines_collected { quantities { line_id: "1" quantity: 2 } quantities { line_id: "2" quantity: 1 }
                  collected_at { seconds: 1772900000 } store: "store-1" by: "ana" })",
             R"(completed { delivered_at { seconds: 1772900000 } in_time: true in_first_time: true
                            there_at { seconds: 1772320000 } })"})
      .AndState([](const v1::OrderState& state) {
        EXPECT_EQ(state.lines(0).status(), v1::LINE_STATUS_COLLECTED);
        EXPECT_FALSE(state.at_risk());
      });
}

TEST(Collection, WhatIsReadyInTimeKeepsThePromise) {
  Given<Order>(BothReady())
      .When(PassPromise{FromText<v1::OrderOverdue>("promised_time { seconds: 1772800000 }")}, kAna)
      .Then({});
  std::vector<std::string> one = BothReady();
  one.resize(5);
  const auto events =
      Order::Decide(Given<Order>(one).state(),
                    PassPromise{FromText<v1::OrderOverdue>("promised_time { seconds: 1772800000 }")}, kAna);
  EXPECT_TRUE((*events)[0].has_overdue()) << "the table is missing";
}

TEST(Collection, WhatIsReadyAfterThePromiseStaysAtRisk) {
  const v1::OrderState state =
      Given<Order>({kPlaced, kCups, kTable, Ready("A", "", 1772900000), Ready("B", "", 1772320000)}).state();
  const Standing standing = StandingOf(state);
  EXPECT_TRUE(standing.at_risk);
  EXPECT_EQ(standing.cause, "line 1 ready for collection since 2026-03-07 16:13 UTC, promised by 2026-03-06 12:26 UTC");
}

// The cups are collected, and the table was brought, after the promise.
TEST(Collection, WhatWasBroughtLateIsNamedAndNotWhatIsReady) {
  const std::string mixed = R"(placed { order_id: "SO-1" owner: "ana" promised_time { seconds: 1772800000 }
    lines { line_id: "1" sku: "cup" quantity: 2 vendor_id: "acme" collect_at: "store-1" }
    lines { line_id: "2" sku: "table" quantity: 1 vendor_id: "bolt" } })";
  const std::string brought = R"(shipment_added { shipment: "shipment/ups/B/1" carrier: "ups" tracking_number: "B"
    epoch: 1 leg: 1 last_leg: true line_ids: "2" })";
  const v1::OrderState state =
      Given<Order>({mixed, kCups, brought, Ready("A", "", 1772320000),
                    R"(shipment_delivered { shipment: "shipment/ups/B/1" at { seconds: 1772900000 } last_leg: true })"})
          .state();
  const Standing standing = StandingOf(state);
  EXPECT_TRUE(standing.at_risk);
  EXPECT_EQ(standing.cause, "line 2 delivered at 2026-03-07 16:13 UTC, promised by 2026-03-06 12:26 UTC");
  EXPECT_EQ(standing.eta_reason, "line 1 ready for collection");
  EXPECT_EQ(standing.eta->latest().seconds(), 1772320000) << "what is open has been there since";
}

TEST(Collection, OfAPartLeavesTheRestReady) {
  Given<Order>(BothReady())
      .When(Collecting(R"(store: "store-1" quantities { line_id: "1" quantity: 1 })"), kAna)
      .Then({R"(lines_collected { quantities { line_id: "1" quantity: 1 } collected_at { seconds: 1772366400 }
                                  store: "store-1" by: "ana" })",
             R"(eta_changed { new_eta { latest { seconds: 1772320000 } } source: "store/store-1"
                            eta_source: ETA_SOURCE_STORE reason: "lines 1, 2 ready for collection" })"})
      .AndState([](const v1::OrderState& state) {
        EXPECT_EQ(state.lines(0).status(), v1::LINE_STATUS_READY_FOR_COLLECTION);
        EXPECT_EQ(state.lines(0).collected(), 1U);
      });
}

TEST(Collection, IsEvidenceByItself) {
  const std::string missing = R"(concern_raised { concern { kind: CONCERN_KIND_RECEIPT_MISSING
    about: "shipment/ups/A/1" key: "1" } })";
  Given<Order>({kPlaced, kCups, Observed(Seen("A", 2, "DELIVERED")), Delivered("A"), missing})
      .When(Collecting(R"(store: "store-1" line_ids: "1")"), kAna)
      .Then({R"(lines_collected { quantities { line_id: "1" quantity: 2 } collected_at { seconds: 1772366400 }
                  store: "store-1" by: "ana" without_receipt_line_ids: "1" })",
             Ready("A", "by_collection: true", 1772366400),
             R"(concern_cleared { kind: CONCERN_KIND_RECEIPT_MISSING about: "shipment/ups/A/1"
                                  evidence: "collected in store store-1" })"});
}

TEST(Collection, AReceiptThatComesAfterItGivesTheTime) {
  const std::vector<std::string> collected = {
      kPlaced,
      kCups,
      kTable,
      Ready("B", "", 1772310000),
      R"(lines_collected { quantities { line_id: "1" quantity: 2 } quantities { line_id: "2" quantity: 1 }
           collected_at { seconds: 1772850000 } store: "store-1" by: "ana" without_receipt_line_ids: "1" })",
      Ready("A", "by_collection: true", 1772850000),
      R"(completed { delivered_at { seconds: 1772850000 } there_at { seconds: 1772850000 } })"};
  Given<Order>(collected)
      .When(Seeing(Seen("A", 3, "READY_FOR_PICKUP", Receipt("store-1", 1772320000))), kAna)
      .Then({Observed(Seen("A", 3, "READY_FOR_PICKUP", Receipt("store-1", 1772320000))), Ready("A", "", 1772320000),
             R"(completed { delivered_at { seconds: 1772850000 } in_time: true in_first_time: true
                            there_at { seconds: 1772320000 } })"});
}

TEST(Collection, IsRefusedWhereItCannotBe) {
  const auto reason = [](const std::vector<std::string>& given, const std::string& request) {
    return runtime::ReasonOf(Order::Decide(Given<Order>(given).state(), Collecting(request), kAna).status());
  };
  EXPECT_EQ(reason({}, R"(store: "store-1")"), "ORDER_UNKNOWN");
  EXPECT_EQ(reason({kPlaced, kCups}, R"(store: "store-1")"), "NOTHING_READY");
  EXPECT_EQ(reason({kPlaced, kCups}, R"(store: "store-9" line_ids: "1")"), "OTHER_STORE");
  EXPECT_EQ(reason({kPlaced, kCups, Observed(Seen("A", 2, "READY_FOR_PICKUP", Receipt("store-9")))},
                   R"(store: "store-9" line_ids: "1")"),
            std::nullopt)
      << "that store has received it";
  const std::string brought = R"(placed { order_id: "SO-1" owner: "ana" promised_time { seconds: 1772800000 }
    lines { line_id: "1" sku: "cup" quantity: 2 vendor_id: "acme" } })";
  EXPECT_EQ(reason({brought}, R"(store: "store-1" line_ids: "1")"), "NOT_FOR_COLLECTION");
  EXPECT_EQ(reason({kPlaced, R"(lines_cancelled { quantities { line_id: "1" quantity: 2 } })"},
                   R"(store: "store-1" line_ids: "1")"),
            "LINE_CANCELLED");
  const auto fields = [](const std::string& request) {
    return runtime::BadFieldsOf(Order::Decide(Given<Order>(BothReady()).state(), Collecting(request), kAna).status());
  };
  EXPECT_EQ(fields(R"(line_ids: "7" quantities { line_id: "1" quantity: 3 } collected_at { seconds: 1772400000 }
                      collected_by_sha256: "x")"),
            (std::vector<std::string>{"store", "collected_by_sha256", "collected_at", "line_ids[0]",
                                      "quantities[0].quantity"}));
  EXPECT_EQ(fields(R"(store: "store-1" collected_at { seconds: 1772000000 })"),
            std::vector<std::string>{"collected_at"});
}

TEST(Collection, WhatIsCollectedAlreadyChangesNothing) {
  std::vector<std::string> all = BothReady();
  all.push_back(R"(lines_collected { quantities { line_id: "1" quantity: 2 } quantities { line_id: "2" quantity: 1 }
                     collected_at { seconds: 1772350000 } store: "store-1" by: "ana" })");
  all.push_back(R"(completed { delivered_at { seconds: 1772350000 } there_at { seconds: 1772320000 } })");
  Given<Order>(all).When(Collecting(R"(store: "store-1" line_ids: "1")"), kAna).Then({});
  Given<Order>(all).When(Collecting(R"(store: "store-1")"), kAna).Then({});
  Given<Order>(all)
      .When(Seeing(Seen("A", 3, "READY_FOR_PICKUP")), kAna)
      .Then({Observed(Seen("A", 3, "READY_FOR_PICKUP"))})
      .AndState([](const v1::OrderState& state) {
        EXPECT_EQ(state.lines(0).status(), v1::LINE_STATUS_COLLECTED) << "the customer has it, whatever is corrected";
      });
  const RaiseConcern silent{
      FromText<v1::OrderConcern>(R"(kind: CONCERN_KIND_SILENCE about: "shipment/ups/A/1" key: "1")")};
  Given<Order>(all).When(silent, kAna).Then({});
}

TEST(Collection, ReturnsGoBackFromIt) {
  std::vector<std::string> all = BothReady();
  all.push_back(R"(lines_collected { quantities { line_id: "1" quantity: 2 } quantities { line_id: "2" quantity: 1 }
                     collected_at { seconds: 1772350000 } store: "store-1" by: "ana" })");
  all.push_back(R"(shipment_added { shipment: "shipment/ups/R/1" carrier: "ups" tracking_number: "R" epoch: 1 leg: 1
                                    return_leg: true line_ids: "1" })");
  EXPECT_EQ(Given<Order>(all).state().lines(0).status(), v1::LINE_STATUS_RETURNING);
  all.push_back(R"(shipment_returned { shipment: "shipment/ups/R/1" at { seconds: 1772990000 } })");
  EXPECT_EQ(Given<Order>(all).state().lines(0).status(), v1::LINE_STATUS_RETURNED);
  EXPECT_EQ(Given<Order>(all).state().lines(1).status(), v1::LINE_STATUS_COLLECTED);
}

TEST(Collection, WhatWasCollectedCannotBeCancelled) {
  const v1::OrderState state =
      Given<Order>({kPlaced, R"(lines_collected { quantities { line_id: "1" quantity: 1 } store: "store-1" })"})
          .state();
  const auto cancel = [&](const std::string& what) {
    return Order::Decide(state, FromText<v1::CancelLinesRequest>(R"(order_id: "SO-1" reason: "no" )" + what), kAna);
  };
  EXPECT_EQ(runtime::ReasonOf(cancel(R"(line_ids: "1")").status()), "LINE_SENT");
  const auto rest = cancel(R"(quantities { line_id: "1" quantity: 1 })");
  ASSERT_TRUE(rest.ok()) << rest.status();
  v1::OrderState after = state;
  for (const auto& event : *rest) Order::Evolve(after, event);
  EXPECT_EQ(after.lines(0).status(), v1::LINE_STATUS_COLLECTED);
}

}  // namespace
}  // namespace throughline::supplier

// Which parcels a collection comes from, and what takes a parcel away from its store again.

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "libs/runtime/domain/testing_given.h"
#include "services/supplier-tracking/domain/collection/collection.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/standing.h"

namespace throughline::supplier {
namespace {

using runtime::testing::By;
using runtime::testing::FromText;
using runtime::testing::Given;

const runtime::Caller kAna = By("ana", common::v1::ROLE_REP);  // at 1772366400

constexpr char kPlaced[] = R"(placed { order_id: "SO-1" customer_id: "c1" owner: "ana"
  placed_at { seconds: 1772100000 } promised_time { seconds: 1772800000 }
  lines { line_id: "1" sku: "cup" quantity: 2 vendor_id: "acme" collect_at: "store-1" }
  lines { line_id: "2" sku: "table" quantity: 1 vendor_id: "bolt" collect_at: "store-1" } })";

std::string Sent(const std::string& number, const std::string& what, const std::string& leg = "") {
  return absl::StrCat("shipment_added { shipment: \"shipment/ups/", number, "/1\" carrier: \"ups\" tracking_number: \"",
                      number, "\" epoch: 1 ", leg.empty() ? "leg: 1 last_leg: true collect_at: \"store-1\" " : leg,
                      what, " }");
}
constexpr char kCups[] = R"(line_ids: "1")";
constexpr char kOneCup[] = R"(line_ids: "1" quantities { line_id: "1" quantity: 1 })";

std::string Seen(const std::string& number, int version, const std::string& state, const std::string& more = "") {
  return absl::StrCat("shipment: \"shipment/ups/", number, "/1\" shipment_version: ", version,
                      " state: TRACKING_STATE_", state, " state_since { seconds: 1772300000 } ", more);
}
std::string Observed(const std::string& text) { return absl::StrCat("shipment_observed { ", text, " }"); }
ObserveShipment Seeing(const std::string& text) { return {FromText<v1::ShipmentObserved>(text)}; }
std::string Receipt(const std::string& store) {
  return absl::StrCat("store_receipts { store: \"", store, "\" at { seconds: 1772310000 } }");
}
std::string Delivered(const std::string& number) {
  return absl::StrCat("shipment_delivered { shipment: \"shipment/ups/", number,
                      "/1\" at { seconds: 1772300000 } last_leg: true collect_at: \"store-1\" }");
}
std::string Ready(const std::string& number) {
  return absl::StrCat("shipment_ready { shipment: \"shipment/ups/", number,
                      "/1\" store: \"store-1\" at { seconds: 1772310000 } collect_by { seconds: 1772350000 } }");
}
std::string Awaited(const std::string& number, int64_t due = 1772360000) {
  return absl::StrCat("receipt_awaited { shipment: \"shipment/ups/", number,
                      "/1\" store: \"store-1\" since { seconds: 1772300000 } due { seconds: ", due, " } }");
}
std::string Raised(const std::string& kind, const std::string& number) {
  return absl::StrCat("concern_raised { concern { kind: CONCERN_KIND_", kind, " about: \"shipment/ups/", number,
                      "/1\" key: \"1\" } }");
}
PassReceiptDue ReceiptDue(const std::string& number, int64_t due = 1772360000) {
  return {FromText<v1::ReceiptAwaited>(
      absl::StrCat("shipment: \"shipment/ups/", number, "/1\" due { seconds: ", due, " }"))};
}
PassCollectionDue CollectionDue(const std::string& number) {
  return {FromText<v1::ShipmentReady>(
      absl::StrCat("shipment: \"shipment/ups/", number, "/1\" collect_by { seconds: 1772350000 }"))};
}
v1::RecordCollectionRequest OneCup(const std::string& store = "store-1") {
  return FromText<v1::RecordCollectionRequest>(
      absl::StrCat(R"(order_id: "SO-1" quantities { line_id: "1" quantity: 1 } store: ")", store, "\""));
}
std::string CollectedOne(const std::string& more = "", const std::string& store = "store-1") {
  return absl::StrCat("lines_collected { quantities { line_id: \"1\" quantity: 1 } collected_at { seconds: 1772366400 ",
                      "} by: \"ana\" store: \"", store, "\" ", more, " }");
}
AddShipment Adding(const std::string& text) { return {FromText<v1::AddShipmentRequest>(text), {}}; }

const v1::OrderState::Shipment& ShipmentIn(const v1::OrderState& state, const std::string& number) {
  return *FindShipment(state, absl::StrCat("shipment/ups/", number, "/1"));
}
bool IsCollectedIn(const v1::OrderState& state, const std::string& number) {
  return IsCollected(state, ShipmentIn(state, number));
}
// What follows, decided and folded.
template <typename Command>
v1::OrderState After(const v1::OrderState& before, const Command& command) {
  v1::OrderState state = before;
  const auto events = Order::Decide(state, command, kAna);
  EXPECT_TRUE(events.ok()) << events.status();
  if (!events.ok()) return state;
  for (const auto& event : *events) Order::Evolve(state, event);
  return state;
}
template <typename Command>
std::vector<v1::OrderEvent> Decided(const v1::OrderState& state, const Command& command) {
  auto events = Order::Decide(state, command, kAna);
  EXPECT_TRUE(events.ok()) << events.status();
  return events.ok() ? *std::move(events) : std::vector<v1::OrderEvent>();
}

TEST(CollectionParts, OneThatIsThereIsSeenBeforeOneThatIsNot) {
  for (const char* elsewhere : {"IN_TRANSIT", "LOST_OR_DAMAGED"}) {
    const v1::OrderState state =
        After(Given<Order>({kPlaced, Sent("A", kOneCup), Sent("B", kOneCup), Observed(Seen("A", 2, elsewhere)),
                            Observed(Seen("B", 2, "DELIVERED")), Delivered("B"), Raised("RECEIPT_MISSING", "B")})
                  .state(),
              OneCup());
    EXPECT_FALSE(ShipmentIn(state, "A").has_ready_at()) << elsewhere;
    EXPECT_TRUE(ShipmentIn(state, "B").ready_by_collection()) << elsewhere;
    EXPECT_TRUE(IsCollectedIn(state, "B")) << elsewhere;
    EXPECT_EQ(FindConcern(state, v1::CONCERN_KIND_RECEIPT_MISSING, "shipment/ups/B/1"), nullptr) << elsewhere;
  }
}

TEST(CollectionParts, OneThatIsNotThereIsSeenForWhatRemains) {
  const v1::OrderState state =
      After(Given<Order>({kPlaced, Sent("A", kOneCup), Sent("B", kOneCup), Observed(Seen("A", 2, "IN_TRANSIT")),
                          Observed(Seen("B", 2, "DELIVERED")), Delivered("B")})
                .state(),
            FromText<v1::RecordCollectionRequest>(R"(order_id: "SO-1" store: "store-1" line_ids: "1")"));
  EXPECT_TRUE(ShipmentIn(state, "A").ready_by_collection());
  EXPECT_TRUE(ShipmentIn(state, "B").ready_by_collection());
}

TEST(CollectionParts, AnotherStoreHandsOverWhatItHasReceived) {
  const v1::OrderState state =
      After(Given<Order>({kPlaced, Sent("A", kOneCup), Sent("B", kOneCup),
                          Observed(Seen("A", 2, "READY_FOR_PICKUP", Receipt("store-1"))), Ready("A"),
                          Observed(Seen("B", 2, "READY_FOR_PICKUP", Receipt("store-9")))})
                .state(),
            OneCup("store-9"));
  EXPECT_TRUE(ShipmentIn(state, "B").ready_by_collection());
  EXPECT_TRUE(IsCollectedIn(state, "B"));
  EXPECT_FALSE(IsCollectedIn(state, "A"));
  EXPECT_TRUE(ShipmentIn(state, "A").has_collect_by());
}

// Each cup in a parcel of its own, both ready; one of them was collected.
std::vector<std::string> OneOfTwoCollected() {
  return {kPlaced,
          Sent("A", kOneCup),
          Sent("B", kOneCup),
          Observed(Seen("A", 2, "READY_FOR_PICKUP", Receipt("store-1"))),
          Ready("A"),
          Observed(Seen("B", 2, "READY_FOR_PICKUP", Receipt("store-1"))),
          Ready("B"),
          CollectedOne()};
}

TEST(CollectionParts, AParcelIsCollectedBeforeTheRestOfItsLine) {
  const v1::OrderState state = Given<Order>(OneOfTwoCollected()).state();
  EXPECT_TRUE(IsCollectedIn(state, "A"));
  EXPECT_FALSE(ShipmentIn(state, "A").has_collect_by());
  EXPECT_FALSE(IsCollectedIn(state, "B"));
  Given<Order>(OneOfTwoCollected()).When(CollectionDue("A"), kAna).Then({});
  EXPECT_EQ(Decided(state, CollectionDue("B")).size(), 1U);
}

TEST(CollectionParts, WhatCameLaterIsNotTakenForWhatWasCollected) {
  // The second parcel was ready first, and handed over; then the first one comes.
  std::vector<std::string> events = {kPlaced,    Sent("A", kOneCup), Sent("B", kOneCup),
                                     Ready("B"), CollectedOne(),     Ready("A")};
  v1::OrderState state = Given<Order>(events).state();
  EXPECT_TRUE(IsCollectedIn(state, "B"));
  EXPECT_FALSE(IsCollectedIn(state, "A"));
  EXPECT_FALSE(Decided(state, CollectionDue("A")).empty());
}

TEST(CollectionParts, WhatIsFoundToHaveBeenAParcelOfItsOwnStaysCollected) {
  // The first parcel held one cup only, as the second one shows; the second one was received earlier.
  std::vector<std::string> events = {kPlaced, Sent("A", kCups), Ready("A"), CollectedOne(), Sent("B", kOneCup)};
  EXPECT_TRUE(IsCollectedIn(Given<Order>(events).state(), "A"));
  events.push_back(R"(shipment_ready { shipment: "shipment/ups/B/1" store: "store-1" at { seconds: 1772300000 }
                                       collect_by { seconds: 1772350000 } })");
  EXPECT_TRUE(IsCollectedIn(Given<Order>(events).state(), "A"));
  EXPECT_FALSE(IsCollectedIn(Given<Order>(events).state(), "B"));
}

TEST(CollectionParts, MoreOfALineLeavesItsParcelCollected) {
  std::vector<std::string> events = {kPlaced,        Sent("A", kCups),
                                     Ready("A"),     CollectedOne(),
                                     CollectedOne(), R"(amended { quantities { line_id: "1" quantity: 3 } })"};
  EXPECT_TRUE(IsCollectedIn(Given<Order>(events).state(), "A"));
  events.push_back(Sent("B", kOneCup));
  events.push_back(Ready("B"));
  const v1::OrderState state = Given<Order>(events).state();
  EXPECT_TRUE(IsCollectedIn(state, "A"));
  EXPECT_FALSE(IsCollectedIn(state, "B"));
}

TEST(CollectionParts, ALegThatIsCarriedOnIsNotAwaitedInTheStore) {
  std::vector<std::string> events = {kPlaced, Sent("A", kCups), Observed(Seen("A", 2, "DELIVERED")), Delivered("A"),
                                     Awaited("A")};
  const AddShipment next = Adding(R"(carrier: "ups" tracking_number: "N" follows: "shipment/ups/A/1")");
  const v1::OrderState waiting = After(Given<Order>(events).state(), next);
  EXPECT_FALSE(ShipmentIn(waiting, "A").has_receipt_due());
  EXPECT_FALSE(ShipmentIn(waiting, "A").has_receipt_since());
  EXPECT_TRUE(Decided(waiting, ReceiptDue("A")).empty());
  events.push_back(Raised("RECEIPT_MISSING", "A"));
  EXPECT_TRUE(After(Given<Order>(events).state(), next).concerns().empty());
}

TEST(CollectionParts, ALegThatIsCarriedOnIsNotReadyAnyMore) {
  const v1::OrderState state =
      After(Given<Order>({kPlaced, Sent("A", kCups), Observed(Seen("A", 2, "READY_FOR_PICKUP", Receipt("store-1"))),
                          Ready("A"), Raised("UNCLAIMED", "A")})
                .state(),
            Adding(R"(carrier: "ups" tracking_number: "N" follows: "shipment/ups/A/1")"));
  EXPECT_FALSE(ShipmentIn(state, "A").has_ready_at());
  EXPECT_FALSE(ShipmentIn(state, "A").has_collect_by());
  EXPECT_TRUE(state.concerns().empty());
  EXPECT_TRUE(Decided(state, CollectionDue("A")).empty());
}

// Both cups are ready, and not collected; a return takes them.
std::vector<std::string> ReadyCups() {
  return {kPlaced,        Sent("A", kCups), Observed(Seen("A", 2, "DELIVERED", Receipt("store-1"))),
          Delivered("A"), Ready("A"),       Raised("UNCLAIMED", "A")};
}
const char kReturn[] = R"(carrier: "ups" tracking_number: "R" return_leg: true line_ids: "1")";

TEST(CollectionParts, AReturnTakesTheReadinessBack) {
  Given<Order>(ReadyCups())
      .When(Adding(kReturn), kAna)
      .Then({Sent("R", kCups, "leg: 1 return_leg: true "),
             R"(shipment_readiness_withdrawn { shipment: "shipment/ups/A/1" reason: "a return takes it back" })",
             R"(concern_cleared { kind: CONCERN_KIND_UNCLAIMED about: "shipment/ups/A/1"
                                  evidence: "a return takes it back" })",
             R"(promise_at_risk { promised_time { seconds: 1772800000 } owner: "ana" customer_id: "c1"
                  cause: "shipment/ups/A/1: line 1 on the way back to the sender" })"});
  const v1::OrderState state = After(Given<Order>(ReadyCups()).state(), Adding(kReturn));
  EXPECT_FALSE(state.has_completed_at());
  // The store's receipt, told again, is of before.
  const v1::OrderState told = After(state, Seeing(Seen("A", 3, "READY_FOR_PICKUP", Receipt("store-1"))));
  EXPECT_FALSE(ShipmentIn(told, "A").has_ready_at());
  EXPECT_FALSE(ShipmentIn(told, "A").has_receipt_due());
  EXPECT_TRUE(told.at_risk());
}

TEST(CollectionParts, WhatWentBackMayBeSentAgain) {
  v1::OrderState state = After(Given<Order>(ReadyCups()).state(), Adding(kReturn));
  state = After(state, Adding(R"(carrier: "ups" tracking_number: "N" line_ids: "1")"));
  state = After(state, Seeing(Seen("N", 2, "READY_FOR_PICKUP", Receipt("store-1"))));
  EXPECT_TRUE(ShipmentIn(state, "N").has_ready_at());
  EXPECT_EQ(state.lines(0).status(), v1::LINE_STATUS_READY_FOR_COLLECTION);
}

TEST(CollectionParts, AReturnOfWhatWasCollectedLeavesTheRestReady) {
  const auto events = Decided(
      Given<Order>(OneOfTwoCollected()).state(),
      Adding(R"(carrier: "ups" tracking_number: "R" return_leg: true quantities { line_id: "1" quantity: 1 })"));
  EXPECT_TRUE(absl::c_none_of(events, [](const auto& event) { return event.has_shipment_readiness_withdrawn(); }));
}

TEST(CollectionParts, TheReceiptIsNotAwaitedWhileAnotherStoreHasIt) {
  const std::string elsewhere = Seen("A", 3, "READY_FOR_PICKUP", Receipt("store-9"));
  const std::vector<std::string> sent = {kPlaced, Sent("A", kCups)};
  EXPECT_FALSE(ShipmentIn(After(Given<Order>(sent).state(), Seeing(elsewhere)), "A").has_receipt_due());
  std::vector<std::string> missing = {kPlaced,        Sent("A", kCups), Observed(Seen("A", 2, "DELIVERED")),
                                      Delivered("A"), Awaited("A"),     Raised("RECEIPT_MISSING", "A")};
  const v1::OrderState state = After(Given<Order>(missing).state(), Seeing(elsewhere));
  EXPECT_FALSE(ShipmentIn(state, "A").has_receipt_due());
  EXPECT_EQ(FindConcern(state, v1::CONCERN_KIND_RECEIPT_MISSING, "shipment/ups/A/1"), nullptr);
  EXPECT_NE(FindConcern(state, v1::CONCERN_KIND_CONTRADICTION, "shipment/ups/A/1"), nullptr);
  // That scan was a mistake: the receipt is awaited again.
  const v1::OrderState again = After(state, Seeing(Seen("A", 4, "READY_FOR_PICKUP")));
  EXPECT_TRUE(ShipmentIn(again, "A").has_receipt_due());
}

TEST(CollectionParts, AMissingReceiptIsRaisedAgain) {
  v1::OrderState state =
      Given<Order>({kPlaced, Sent("A", kCups), Observed(Seen("A", 2, "DELIVERED")), Delivered("A"), Awaited("A")})
          .state();
  state = After(state, ReceiptDue("A"));
  EXPECT_EQ(state.concerns_size(), 1);
  state = After(state, Seeing(Seen("A", 3, "DELIVERED", Receipt("store-1"))));
  EXPECT_EQ(state.concerns_size(), 0);
  state = After(state, Seeing(Seen("A", 4, "DELIVERED")));
  ASSERT_TRUE(ShipmentIn(state, "A").has_receipt_due());
  runtime::Caller later = kAna;
  later.time = absl::FromUnixSeconds(1772500000);
  PassReceiptDue due = ReceiptDue("A");
  *due.request.mutable_due() = ShipmentIn(state, "A").receipt_due();
  const auto raised = Order::Decide(state, due, later);
  ASSERT_TRUE(raised.ok());
  ASSERT_EQ(raised->size(), 1U);
  EXPECT_EQ((*raised)[0].concern_raised().concern().kind(), v1::CONCERN_KIND_RECEIPT_MISSING);
}

TEST(CollectionParts, ACancelledLineGoesNowhere) {
  const std::string mixed = R"(placed { order_id: "SO-1" owner: "ana" promised_time { seconds: 1772800000 }
    lines { line_id: "1" sku: "cup" quantity: 2 vendor_id: "acme" collect_at: "store-1" }
    lines { line_id: "2" sku: "table" quantity: 1 vendor_id: "acme" } })";
  const std::string cancelled = R"(lines_cancelled { quantities { line_id: "2" quantity: 1 } })";
  const AddShipment added = Adding(R"(carrier: "ups" tracking_number: "A")");
  const v1::OrderState state = After(Given<Order>({mixed, cancelled}).state(), added);
  EXPECT_EQ(state.shipments_size(), 1);
  EXPECT_EQ(state.shipments(0).collect_at(), "store-1");
  EXPECT_EQ(DestinationOf(state, state.shipments(0).line_ids()), "store-1");
  Given<Order>({mixed}).When(added, kAna).ThenRefused(absl::StatusCode::kFailedPrecondition, "several places");
}

}  // namespace
}  // namespace throughline::supplier

#include "services/supplier-tracking/domain/order.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/testing_given.h"

namespace throughline::supplier {
namespace {

using common::v1::ROLE_PARTNER;
using common::v1::ROLE_REP;
using common::v1::ROLE_SERVICE;
using runtime::testing::By;
using runtime::testing::FromText;
using runtime::testing::Given;

const runtime::Caller kAcme = By("acme", ROLE_PARTNER, "acme");
const runtime::Caller kShop = By("shop", ROLE_SERVICE);

// Promised by 1772800000.
constexpr char kPlaced[] = R"(placed {
  order_id: "SO-1" customer_id: "c1" owner: "ana" placed_at { seconds: 1772366400 }
  promised_time { seconds: 1772800000 }
  lines { line_id: "1" sku: "a" quantity: 1 vendor_id: "acme" }
  lines { line_id: "2" sku: "b" quantity: 1 vendor_id: "bolt" } })";
constexpr char kUnknown[] =
    R"(vendor_backordered { stated_at { seconds: 1772366400 } vendor_id: "acme" line_ids: "1" reason: "none left" })";
constexpr char kAtRisk[] = R"(promise_at_risk { promised_time { seconds: 1772800000 } owner: "ana" customer_id: "c1"
  cause: "vendor acme: line 1 backordered, restock unknown" })";
constexpr char kBothShipped[] = R"(shipment_added { shipment: "shipment/ups/1Z/1" carrier: "ups" tracking_number: "1Z"
  epoch: 1 leg: 1 last_leg: true line_ids: "1" line_ids: "2" })";

PlaceOrder Placing(const std::string& text) {
  auto request = FromText<v1::PlaceOrderRequest>(
      R"(customer_id: "c1" promised_time { seconds: 1772800000 } lines { line_id: "1" sku: "a" quantity: 1 vendor_id: "acme" })");
  request.MergeFrom(FromText<v1::PlaceOrderRequest>(text));
  return {request, "SO-1", "sam"};
}

UpdateFromVendor Telling(const std::string& text, NumberFacts number = {}) {
  return {FromText<v1::RecordVendorUpdateRequest>(R"(order_id: "SO-1" vendor_id: "acme" )" + text), number};
}

AddShipment Adding(const std::string& text, NumberFacts number = {}) {
  return {FromText<v1::AddShipmentRequest>(R"(order_id: "SO-1" )" + text), number};
}

PassPromise Passing() { return {FromText<v1::OrderOverdue>("promised_time { seconds: 1772800000 }")}; }

ObserveShipment Seeing(const std::string& text) { return {FromText<v1::ShipmentObserved>(text)}; }

std::string OwnerFor(const std::string& text, const runtime::Caller& caller) {
  const auto decision = Order::Decide({}, Placing(text), caller);
  return decision.ok() ? (*decision)[0].placed().owner() : decision.status().ToString();
}

TEST(Order, AlwaysHasAnOwner) {
  EXPECT_EQ(OwnerFor("", By("ana", ROLE_REP)), "ana");
  EXPECT_EQ(OwnerFor(R"(owner: "bo")", kShop), "bo");
  EXPECT_EQ(OwnerFor("", kShop), "sam");
  PlaceOrder nobody = Placing("");
  nobody.fallback_owner.clear();
  EXPECT_EQ(runtime::ReasonOf(Order::Decide({}, nobody, kShop).status()), "OWNER_NEEDED");
}

TEST(Order, IsPlacedOnce) {
  Given<Order>({kPlaced}).When(Placing(""), kShop).ThenRefused(absl::StatusCode::kAlreadyExists, "SO-1");
}

TEST(Order, NamesEachBadField) {
  PlaceOrder command{FromText<v1::PlaceOrderRequest>(
                         R"(promised_time { seconds: 1 } lines { line_id: "1" sku: "a" quantity: 0 vendor_id: "ACME" }
                            lines { line_id: "1" sku: "" quantity: 1 vendor_id: "acme" })"),
                     "SO 1", "sam"};
  EXPECT_EQ(runtime::BadFieldsOf(Order::Decide({}, command, kShop).status()),
            (std::vector<std::string>{"order_id", "customer_id", "promised_time", "lines[0].quantity",
                                      "lines[0].vendor_id", "lines[1].line_id", "lines[1].sku"}));
}

TEST(Order, ABackorderWithoutADatePutsThePromiseAtRisk) {
  Given<Order>({kPlaced}).When(Telling(R"(backordered { reason: "none left" })"), kAcme).Then({kUnknown, kAtRisk});
}

TEST(Order, PromiseAtRiskIsRecordedOnceUntilItRecovers) {
  Given<Order>({kPlaced, kUnknown, kAtRisk})
      .When(Telling(R"(backordered { expected_restock { seconds: 1772900000 } })"), kAcme)
      .Then(
          {R"(vendor_backordered { stated_at { seconds: 1772366400 } vendor_id: "acme" line_ids: "1" expected_restock { seconds: 1772900000 } })",
           R"(eta_changed { new_eta { latest { seconds: 1772900000 } } source: "vendor/acme" eta_source: ETA_SOURCE_VENDOR_DISPATCH reason: "vendor acme has it again on 2026-03-07 16:13 UTC; how long the way takes is not known" })"});
}

TEST(Order, RecoversWhenItIsExpectedInTimeAgain) {
  Given<Order>({kPlaced, kUnknown, kAtRisk})
      .When(Telling(R"(acknowledged { expected_delivery { latest { seconds: 1772700000 } } })"), kAcme)
      .Then(
          {R"(vendor_acknowledged { stated_at { seconds: 1772366400 } vendor_id: "acme" line_ids: "1" expected_delivery { latest { seconds: 1772700000 } } })",
           R"(eta_changed { new_eta { latest { seconds: 1772700000 } } source: "vendor/acme" eta_source: ETA_SOURCE_VENDOR reason: "vendor acme expects it with the customer then" })",
           R"(promise_recovered { promised_time { seconds: 1772800000 } eta { latest { seconds: 1772700000 } } })"});
}

TEST(Order, ADelayWithinThePromiseChangesTheEtaOnly) {
  Given<Order>({kPlaced})
      .When(Telling(R"(delayed { reason: "busy" expected_delivery { latest { seconds: 1772800000 } } })"), kAcme)
      .Then(
          {R"(vendor_delayed { stated_at { seconds: 1772366400 } vendor_id: "acme" line_ids: "1" reason: "busy" expected_delivery { latest { seconds: 1772800000 } } })",
           R"(eta_changed { new_eta { latest { seconds: 1772800000 } } source: "vendor/acme" eta_source: ETA_SOURCE_VENDOR reason: "vendor acme expects it with the customer then" })"});
}

TEST(Order, ARepeatedUpdateChangesNothing) {
  Given<Order>({kPlaced, kUnknown, kAtRisk}).When(Telling(R"(backordered { reason: "none left" })"), kAcme).Then({});
}

TEST(Order, AVendorUpdateIsRecordedEvenIfItDoesNotChangeTheEta) {
  Given<Order>({kPlaced, kUnknown, kAtRisk})
      .When(Telling(R"(backordered { reason: "strike at the plant" })"), kAcme)
      .Then(
          {R"(vendor_backordered { stated_at { seconds: 1772366400 } vendor_id: "acme" line_ids: "1" reason: "strike at the plant" })"});
  const std::string sent =
      R"(vendor_dispatched { stated_at { seconds: 1772366400 } vendor_id: "acme" line_ids: "1" carrier: "ups" tracking_number: "1Z"
                                serials { line_id: "1" serial_number: "A" } })";
  const std::string parcel = R"(shipment_added { shipment: "shipment/ups/1Z/1" carrier: "ups" tracking_number: "1Z"
                                  epoch: 1 leg: 1 last_leg: true line_ids: "1" })";
  const Given<Order> given({kPlaced, sent, parcel});
  const auto packed = [](const std::string& serial) {
    return Telling(R"(dispatched { carrier: "ups" tracking_number: "1Z"
                        serials { line_id: "1" serial_number: ")" +
                   serial + R"(" } })");
  };
  given.When(packed("A"), kAcme).Then({});
  given.When(packed("B"), kAcme)
      .Then(
          {R"(vendor_dispatched { stated_at { seconds: 1772366400 } vendor_id: "acme" line_ids: "1" carrier: "ups" tracking_number: "1Z"
                  serials { line_id: "1" serial_number: "B" } })"});
}

TEST(Order, ARepeatedDispatchDoesNotUndoADelivery) {
  const std::string sent =
      R"(vendor_dispatched { stated_at { seconds: 1772366400 } vendor_id: "acme" line_ids: "1" carrier: "ups" tracking_number: "1Z" })";
  const std::string parcel = R"(shipment_added { shipment: "shipment/ups/1Z/1" carrier: "ups" tracking_number: "1Z"
                                  epoch: 1 leg: 1 last_leg: true line_ids: "1" })";
  const std::string here =
      R"(shipment_delivered { shipment: "shipment/ups/1Z/1" at { seconds: 1772700000 } last_leg: true })";
  Given<Order>({kPlaced, sent, parcel, here})
      .When(Telling(R"(dispatched { carrier: "ups" tracking_number: "1Z" })"), kAcme)
      .Then({})
      .AndState([](const v1::OrderState& state) { EXPECT_EQ(state.lines(0).status(), v1::LINE_STATUS_DELIVERED); });
}

TEST(Order, AVendorReportsOnItsOwnLinesOnly) {
  const Given<Order> given({kPlaced});
  given.When(Telling("acknowledged {}"), By("bolt", ROLE_PARTNER, "bolt"))
      .ThenRefused(absl::StatusCode::kPermissionDenied);
  given.When(Telling(R"(line_ids: "2" acknowledged {})"), kAcme)
      .ThenRefused(absl::StatusCode::kInvalidArgument, "line_ids");
  EXPECT_EQ(
      runtime::ReasonOf(
          Order::Decide(given.state(),
                        {FromText<v1::RecordVendorUpdateRequest>(R"(vendor_id: "none" acknowledged {})"), {}}, kShop)
              .status()),
      "NO_SUCH_VENDOR");
}

TEST(Order, ADispatchAddsTheShipment) {
  Given<Order>({kPlaced})
      .When(Telling(R"(dispatched { carrier: "ups" tracking_number: "1Z99" hand_over: true })"), kAcme)
      .Then(
          {R"(vendor_dispatched { stated_at { seconds: 1772366400 } vendor_id: "acme" line_ids: "1" carrier: "ups" tracking_number: "1Z99" })",
           R"(shipment_added { shipment: "shipment/ups/1Z99/1" carrier: "ups" tracking_number: "1Z99" epoch: 1 leg: 1
                                 line_ids: "1" })"});
}

TEST(Order, ANumberInUseByAnotherOrderIsRefused) {
  const auto sent = Telling(R"(dispatched { carrier: "ups" tracking_number: "1Z" })", {1, "SO-9"});
  const auto why = absl::StatusCode::kFailedPrecondition;
  Given<Order>({kPlaced}).When(sent, kAcme).ThenRefused(why, "another order has a shipment ups 1Z");
  Given<Order>({kPlaced}).When(sent, By("ana", ROLE_REP)).ThenRefused(why, "order SO-9 has a shipment ups 1Z");
}

TEST(Order, AVendorCannotDelayDispatchedLines) {
  Given<Order>(
      {kPlaced,
       R"(vendor_dispatched { stated_at { seconds: 1772366400 } vendor_id: "acme" line_ids: "1" carrier: "ups" tracking_number: "1Z" })"})
      .When(Telling(R"(delayed { reason: "x" expected_dispatch { seconds: 1772500000 } })"), kAcme)
      .ThenRefused(absl::StatusCode::kFailedPrecondition, "dispatched");
}

TEST(Order, AFurtherLegBecomesTheLastLeg) {
  Given<Order>({kPlaced, kBothShipped})
      .When(Adding(R"(carrier: "usps" tracking_number: "94" follows: "shipment/ups/1Z/1")"), kShop)
      .Then({R"(shipment_added { shipment: "shipment/ups/1Z/1" carrier: "ups" tracking_number: "1Z" epoch: 1 leg: 1
                                 line_ids: "1" line_ids: "2" })",
             R"(shipment_added { shipment: "shipment/usps/94/1" carrier: "usps" tracking_number: "94" epoch: 1 leg: 2
                                 last_leg: true line_ids: "1" line_ids: "2" follows: "shipment/ups/1Z/1" })"});
}

TEST(Order, AMiddleLegStaysOneWhenAddedAgain) {
  const auto leg = [](const std::string& number, int n, const std::string& more) {
    return R"(shipment_added { shipment: "shipment/ups/)" + number + R"(/1" carrier: "ups" tracking_number: ")" +
           number + R"(" epoch: 1 line_ids: "1" line_ids: "2" leg: )" + std::to_string(n) + more + "}";
  };
  Given<Order>({kPlaced, leg("1W", 1, ""), leg("1X", 2, R"( follows: "shipment/ups/1W/1")"),
                leg("1Y", 3, R"( last_leg: true follows: "shipment/ups/1X/1")")})
      .When(Adding(R"(carrier: "ups" tracking_number: "1X" follows: "shipment/ups/1W/1")"), kShop)
      .Then({});
}

TEST(Order, OnlyTheLastLegsDeliveryCompletesIt) {
  const std::string first = R"(shipment_added { shipment: "shipment/ups/1Z/1" leg: 1 line_ids: "1" line_ids: "2" })";
  const std::string last =
      R"(shipment_added { shipment: "shipment/usps/94/1" leg: 2 last_leg: true line_ids: "1" line_ids: "2" })";
  const std::string seen = R"(shipment_version: 4 state: TRACKING_STATE_DELIVERED state_since { seconds: 1772700000 })";
  const Given<Order> given({kPlaced, first, last});
  given.When(Seeing(R"(shipment: "shipment/ups/1Z/1" )" + seen), kShop)
      .Then(
          {R"(shipment_observed { shipment: "shipment/ups/1Z/1" )" + seen + "}",
           R"(shipment_delivered { shipment: "shipment/ups/1Z/1" at { seconds: 1772700000 } })",
           R"(leg_awaited { shipment: "shipment/ups/1Z/1" since { seconds: 1772700000 } due { seconds: 1772786400 } })"});
  given.When(Seeing(R"(shipment: "shipment/usps/94/1" )" + seen), kShop)
      .Then({R"(shipment_observed { shipment: "shipment/usps/94/1" )" + seen + "}",
             R"(shipment_delivered { shipment: "shipment/usps/94/1" at { seconds: 1772700000 } last_leg: true })",
             R"(completed { delivered_at { seconds: 1772700000 } in_time: true in_first_time: true })"});
}

TEST(Order, ACorrectedDeliveryUndoesTheCompletion) {
  Given<Order>(
      {kPlaced, kBothShipped,
       R"(shipment_observed { shipment: "shipment/ups/1Z/1" shipment_version: 4 state: TRACKING_STATE_DELIVERED })",
       R"(shipment_delivered { shipment: "shipment/ups/1Z/1" at { seconds: 1772700000 } last_leg: true })",
       R"(completed { delivered_at { seconds: 1772700000 } in_time: true in_first_time: true })"})
      .When(Seeing(R"(shipment: "shipment/ups/1Z/1" shipment_version: 5 state: TRACKING_STATE_ATTEMPTED)"), kShop)
      .Then(
          {R"(shipment_observed { shipment: "shipment/ups/1Z/1" shipment_version: 5 state: TRACKING_STATE_ATTEMPTED })",
           R"(shipment_delivery_corrected { shipment: "shipment/ups/1Z/1" state: TRACKING_STATE_ATTEMPTED
                                              completion_withdrawn: true })"})
      .AndState([](const v1::OrderState& state) {
        EXPECT_FALSE(state.has_completed_at());
        EXPECT_EQ(state.lines(0).status(), v1::LINE_STATUS_DISPATCHED);
      });
}

TEST(Order, ACorrectedTimeOfDeliveryIsCheckedAgainstThePromiseAgain) {
  const std::string seen = R"(shipment: "shipment/ups/1Z/1" shipment_version: 5 state: TRACKING_STATE_DELIVERED
                              state_since { seconds: 1772900000 })";
  Given<Order>({kPlaced, kBothShipped,
                R"(shipment_observed { shipment: "shipment/ups/1Z/1" shipment_version: 4
                     state: TRACKING_STATE_DELIVERED state_since { seconds: 1772700000 } })",
                R"(shipment_delivered { shipment: "shipment/ups/1Z/1" at { seconds: 1772700000 } last_leg: true })",
                R"(completed { delivered_at { seconds: 1772700000 } in_time: true in_first_time: true })"})
      .When(Seeing(seen), kShop)
      .Then({"shipment_observed {" + seen + "}",
             R"(shipment_delivered { shipment: "shipment/ups/1Z/1" at { seconds: 1772900000 } last_leg: true })",
             R"(completed { delivered_at { seconds: 1772900000 } })"});
}

constexpr char kLost[] = R"(shipment_observed { shipment: "shipment/ups/1Z/1" shipment_version: 4
  state: TRACKING_STATE_LOST_OR_DAMAGED })";
constexpr char kLostAtRisk[] = R"(promise_at_risk { promised_time { seconds: 1772800000 } owner: "ana"
  customer_id: "c1" cause: "shipment/ups/1Z/1: lines 1, 2 lost or damaged" })";

TEST(Order, ALostParcelPutsThePromiseAtRisk) {
  Given<Order>({kPlaced, kBothShipped})
      .When(Seeing(R"(shipment: "shipment/ups/1Z/1" shipment_version: 4 state: TRACKING_STATE_LOST_OR_DAMAGED)"), kShop)
      .Then({kLost, kLostAtRisk});
}

TEST(Order, RecoversWhenALostParcelIsFoundAndExpectedInTime) {
  const std::string found = R"(shipment: "shipment/ups/1Z/1" shipment_version: 5 state: TRACKING_STATE_IN_TRANSIT)";
  Given<Order>({kPlaced, kBothShipped, kLost, kLostAtRisk})
      .When(Seeing(found), kShop)
      .Then({"shipment_observed {" + found + "}"})
      .AndState([](const v1::OrderState& state) { EXPECT_TRUE(state.at_risk()) << "nobody knows when it arrives"; });
  const std::string dated = R"(shipment: "shipment/ups/1Z/1" shipment_version: 6 state: TRACKING_STATE_IN_TRANSIT
                               eta { latest { seconds: 1772700000 } })";
  Given<Order>({kPlaced, kBothShipped, kLost, kLostAtRisk, "shipment_observed {" + found + "}"})
      .When(Seeing(dated), kShop)
      .Then(
          {"shipment_observed {" + dated + "}",
           R"(eta_changed { new_eta { latest { seconds: 1772700000 } } source: "shipment/ups/1Z/1" eta_source: ETA_SOURCE_CARRIER reason: "ups expects it then" })",
           R"(promise_recovered { promised_time { seconds: 1772800000 } eta { latest { seconds: 1772700000 } } })"});
}

TEST(Order, IsCompletedByTheReplacementOfALostParcel) {
  const std::string again = R"(shipment_added { shipment: "shipment/ups/1Y/1" carrier: "ups" tracking_number: "1Y"
                                 epoch: 1 leg: 1 last_leg: true line_ids: "1" line_ids: "2" })";
  const Given<Order> given({kPlaced, kBothShipped, kLost, kLostAtRisk});
  given.When(Adding(R"(carrier: "ups" tracking_number: "1Y")"), kShop)
      .Then({again})
      .AndState([](const v1::OrderState& state) { EXPECT_TRUE(state.at_risk()) << "nobody knows when it arrives"; });
  const std::string seen = R"(shipment: "shipment/ups/1Y/1" shipment_version: 3 state: TRACKING_STATE_DELIVERED
                              state_since { seconds: 1772700000 })";
  Given<Order>({kPlaced, kBothShipped, kLost, kLostAtRisk, again})
      .When(Seeing(seen), kShop)
      .Then({"shipment_observed {" + seen + "}",
             R"(shipment_delivered { shipment: "shipment/ups/1Y/1" at { seconds: 1772700000 } last_leg: true })",
             R"(completed { delivered_at { seconds: 1772700000 } in_time: true in_first_time: true })"});
}

TEST(Order, ALostParcelThatTurnsUpDoesNotChangeTheCompletion) {
  const std::string again = R"(shipment_added { shipment: "shipment/ups/1Y/1" carrier: "ups" tracking_number: "1Y"
                                 epoch: 1 leg: 1 last_leg: true line_ids: "1" line_ids: "2" })";
  const std::string seen = R"(shipment: "shipment/ups/1Z/1" shipment_version: 9 state: TRACKING_STATE_DELIVERED
                              state_since { seconds: 1772900000 })";
  Given<Order>({kPlaced, kBothShipped, kLost, again,
                R"(shipment_delivered { shipment: "shipment/ups/1Y/1" at { seconds: 1772700000 } last_leg: true })",
                R"(completed { delivered_at { seconds: 1772700000 } in_time: true in_first_time: true })"})
      .When(Seeing(seen), kShop)
      .Then({"shipment_observed {" + seen + "}",
             R"(shipment_delivered { shipment: "shipment/ups/1Z/1" at { seconds: 1772900000 } last_leg: true })"});
}

TEST(Order, StaysCompleteWhenACancelledLabelIsUsedAfterAll) {
  const std::string other = R"(shipment_added { shipment: "shipment/ups/1Y/1" carrier: "ups" tracking_number: "1Y"
                                 epoch: 1 leg: 1 last_leg: true line_ids: "1" line_ids: "2" })";
  const std::string cancelled = R"(shipment_observed { shipment: "shipment/ups/1Z/1" shipment_version: 2
                                     state: TRACKING_STATE_CANCELLED })";
  const std::string seen = R"(shipment: "shipment/ups/1Z/1" shipment_version: 3 state: TRACKING_STATE_IN_TRANSIT)";
  Given<Order>({kPlaced, kBothShipped, other, cancelled,
                R"(shipment_delivered { shipment: "shipment/ups/1Y/1" at { seconds: 1772700000 } last_leg: true })",
                R"(completed { delivered_at { seconds: 1772700000 } in_time: true in_first_time: true })"})
      .When(Seeing(seen), kShop)
      .Then({"shipment_observed {" + seen + "}"})
      .AndState([](const v1::OrderState& state) {
        EXPECT_TRUE(state.has_completed_at());
        EXPECT_EQ(state.lines(0).status(), v1::LINE_STATUS_DELIVERED);
      });
}

// Two parcels share a line; the second did not replace the first.
TEST(Order, IsNotCompletedWhileHalfOfALineIsLost) {
  const std::string other = R"(shipment_added { shipment: "shipment/ups/1Y/1" carrier: "ups" tracking_number: "1Y"
                                 epoch: 1 leg: 1 last_leg: true line_ids: "1" line_ids: "2" })";
  const std::string seen = R"(shipment: "shipment/ups/1Y/1" shipment_version: 3 state: TRACKING_STATE_DELIVERED
                              state_since { seconds: 1772700000 })";
  Given<Order>({kPlaced, kBothShipped, other, kLost, kLostAtRisk})
      .When(Seeing(seen), kShop)
      .Then({"shipment_observed {" + seen + "}",
             R"(shipment_delivered { shipment: "shipment/ups/1Y/1" at { seconds: 1772700000 } last_leg: true })"});
}

TEST(Order, ACancelledLabelIsIgnored) {
  const std::string cancelled = R"(shipment_observed { shipment: "shipment/ups/1Z/1" shipment_version: 2
                                     state: TRACKING_STATE_CANCELLED })";
  const std::string other = R"(shipment_added { shipment: "shipment/ups/1Y/1" carrier: "ups" tracking_number: "1Y"
                                 epoch: 1 leg: 1 last_leg: true line_ids: "1" line_ids: "2" })";
  const std::string seen = R"(shipment: "shipment/ups/1Y/1" shipment_version: 3 state: TRACKING_STATE_DELIVERED
                              state_since { seconds: 1772700000 })";
  Given<Order>({kPlaced, kBothShipped, other, cancelled})
      .When(Seeing(seen), kShop)
      .Then({"shipment_observed {" + seen + "}",
             R"(shipment_delivered { shipment: "shipment/ups/1Y/1" at { seconds: 1772700000 } last_leg: true })",
             R"(completed { delivered_at { seconds: 1772700000 } in_time: true in_first_time: true })"});
}

constexpr char kOverdue[] = R"(overdue { promised_time { seconds: 1772800000 } })";
constexpr char kOverdueAtRisk[] = R"(promise_at_risk { promised_time { seconds: 1772800000 } owner: "ana"
  customer_id: "c1" cause: "lines 1, 2 not delivered, promised by 2026-03-06 12:26 UTC" })";

TEST(Order, IsAtRiskWhenThePromisedTimePasses) {
  Given<Order>({kPlaced}).When(Passing(), kShop).Then({kOverdue, kOverdueAtRisk});
}

TEST(Order, APromiseAtRiskPassesWithoutAnotherAlarm) {
  Given<Order>({kPlaced, kUnknown, kAtRisk}).When(Passing(), kShop).Then({kOverdue});
}

TEST(Order, DoesNotRecoverOnceThePromisedTimeHasPassed) {
  Given<Order>({kPlaced, kOverdue, kOverdueAtRisk})
      .When(Telling(R"(acknowledged { expected_delivery { latest { seconds: 1772700000 } } })"), kAcme)
      .Then(
          {R"(vendor_acknowledged { stated_at { seconds: 1772366400 } vendor_id: "acme" line_ids: "1" expected_delivery { latest { seconds: 1772700000 } } })",
           R"(eta_changed { new_eta { latest { seconds: 1772700000 } } source: "vendor/acme" eta_source: ETA_SOURCE_VENDOR reason: "vendor acme expects it with the customer then" })"});
}

TEST(Order, IsNeverOverdueOnceComplete) {
  Given<Order>({kPlaced, kBothShipped,
                R"(shipment_delivered { shipment: "shipment/ups/1Z/1" at { seconds: 1772700000 } last_leg: true })",
                R"(completed { delivered_at { seconds: 1772700000 } in_time: true in_first_time: true })"})
      .When(Passing(), kShop)
      .Then({});
}

TEST(Order, AnOlderObservationOfAShipmentIsIgnored) {
  Given<Order>({kPlaced, kBothShipped, R"(shipment_observed { shipment: "shipment/ups/1Z/1" shipment_version: 4 })"})
      .When(Seeing(R"(shipment: "shipment/ups/1Z/1" shipment_version: 3 state: TRACKING_STATE_DELIVERED)"), kShop)
      .Then({});
}

TEST(Order, ACarriersEtaCountsBeforeTheVendors) {
  Given<Order>({kPlaced, kBothShipped})
      .When(Seeing(R"(shipment: "shipment/ups/1Z/1" shipment_version: 2 eta { latest { seconds: 1772900000 } })"),
            kShop)
      .Then(
          {R"(shipment_observed { shipment: "shipment/ups/1Z/1" shipment_version: 2 eta { latest { seconds: 1772900000 } } })",
           R"(eta_changed { new_eta { latest { seconds: 1772900000 } } source: "shipment/ups/1Z/1" eta_source: ETA_SOURCE_CARRIER reason: "ups expects it then" })",
           R"(promise_at_risk { promised_time { seconds: 1772800000 } eta { latest { seconds: 1772900000 } }
                  owner: "ana" customer_id: "c1"
                  cause: "shipment/ups/1Z/1: lines 1, 2 ordered, expected 2026-03-07 16:13 UTC, promised by 2026-03-06 12:26 UTC" })"});
}

}  // namespace
}  // namespace throughline::supplier

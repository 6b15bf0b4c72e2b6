// Quantities of lines: "1 of 2 arrived".

#include "services/supplier-tracking/domain/quantities.h"

#include <algorithm>
#include <random>

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/testing_given.h"
#include "services/supplier-tracking/domain/order.h"

namespace throughline::supplier {
namespace {

using common::v1::ROLE_PARTNER;
using common::v1::ROLE_SERVICE;
using runtime::testing::By;
using runtime::testing::FromText;
using runtime::testing::Given;

const runtime::Caller kAcme = By("acme", ROLE_PARTNER, "acme");
const runtime::Caller kShop = By("shop", ROLE_SERVICE);

// Three cups and one table.
constexpr char kPlaced[] = R"(placed {
  order_id: "SO-1" customer_id: "c1" owner: "ana" promised_time { seconds: 1772800000 }
  lines { line_id: "1" sku: "cup" quantity: 3 vendor_id: "acme" }
  lines { line_id: "2" sku: "table" quantity: 1 vendor_id: "acme" } })";

UpdateFromVendor Telling(const std::string& text) {
  return {FromText<v1::RecordVendorUpdateRequest>(R"(order_id: "SO-1" vendor_id: "acme" )" + text), {}};
}
AddShipment Adding(const std::string& text) {
  return {FromText<v1::AddShipmentRequest>(R"(order_id: "SO-1" )" + text), {}};
}
// A last leg; `more`: what it carries.
std::string Parcel(const std::string& number, const std::string& more) {
  return absl::StrCat("shipment_added { shipment: \"shipment/ups/", number, "/1\" carrier: \"ups\" tracking_number: \"",
                      number, "\" epoch: 1 leg: 1 last_leg: true ", more, " }");
}
std::string Delivered(const std::string& number) {
  return absl::StrCat("shipment_delivered { shipment: \"shipment/ups/", number,
                      "/1\" at { seconds: 1772700000 } last_leg: true }");
}
constexpr char kTwoCups[] = R"(line_ids: "1" quantities { line_id: "1" quantity: 2 })";
constexpr char kOneCup[] = R"(line_ids: "1" quantities { line_id: "1" quantity: 1 })";

TEST(Quantities, ADispatchOfAPartLeavesTheRestWithTheVendor) {
  const std::string sent =
      R"(vendor_dispatched { stated_at { seconds: 1772366400 } vendor_id: "acme" line_ids: "1" carrier: "ups" tracking_number: "A"
                                quantities { line_id: "1" quantity: 2 } })";
  const Given<Order> given({kPlaced});
  given
      .When(Telling(R"(dispatched { carrier: "ups" tracking_number: "A" quantities { line_id: "1" quantity: 2 } })"),
            kAcme)
      .Then({sent, Parcel("A", kTwoCups)})
      .AndState([](const v1::OrderState& state) {
        EXPECT_EQ(state.lines(0).status(), v1::LINE_STATUS_ACKNOWLEDGED);
        EXPECT_EQ(SentOf(state, state.lines(0)), 2U);
      });
  // The rest is out of stock, which can still be said.
  const std::string lacking =
      R"(vendor_backordered { stated_at { seconds: 1772366400 } vendor_id: "acme" line_ids: "1" })";
  const std::string risk = R"(promise_at_risk { promised_time { seconds: 1772800000 } owner: "ana" customer_id: "c1"
                                cause: "vendor acme: line 1 backordered, restock unknown" })";
  Given<Order>({kPlaced, sent, Parcel("A", kTwoCups)})
      .When(Telling(R"(line_ids: "1" backordered {})"), kAcme)
      .Then({lacking, risk});
  // All that is left, without a number.
  Given<Order>({kPlaced, sent, Parcel("A", kTwoCups), lacking, risk})
      .When(Telling(R"(line_ids: "1" dispatched { carrier: "ups" tracking_number: "B" })"), kAcme)
      .AndState([](const v1::OrderState& state) {
        EXPECT_EQ(state.lines(0).status(), v1::LINE_STATUS_DISPATCHED);
        EXPECT_EQ(SentOf(state, state.lines(0)), 3U);
        EXPECT_EQ(CarriedBy(state, state.shipments(1), state.lines(0)), 1U);
        EXPECT_TRUE(state.at_risk()) << "nobody has said when the rest arrives";
      });
}

TEST(Quantities, ALineIsDeliveredWhenAllOfItIs) {
  Given<Order>({kPlaced, Parcel("A", kTwoCups), Parcel("B", kOneCup), Delivered("A")})
      .When(Adding(R"(carrier: "ups" tracking_number: "T" line_ids: "2")"), kShop)
      .AndState([](const v1::OrderState& state) {
        EXPECT_EQ(ArrivedOf(state, state.lines(0)), 2U);
        EXPECT_NE(state.lines(0).status(), v1::LINE_STATUS_DELIVERED);
      });
  const std::string seen = R"(shipment: "shipment/ups/B/1" shipment_version: 2 state: TRACKING_STATE_DELIVERED
                              state_since { seconds: 1772700000 })";
  Given<Order>({kPlaced, Parcel("A", kTwoCups), Parcel("B", kOneCup), Parcel("T", R"(line_ids: "2")"), Delivered("A"),
                Delivered("T")})
      .When(ObserveShipment{FromText<v1::ShipmentObserved>(seen)}, kShop)
      .Then({"shipment_observed {" + seen + "}", Delivered("B"),
             R"(completed { delivered_at { seconds: 1772700000 } in_time: true in_first_time: true })"});
  // Two of three are not all, although nothing else is on its way.
  Given<Order>({kPlaced, Parcel("A", kTwoCups), Delivered("A")})
      .When(Adding(R"(carrier: "ups" tracking_number: "T" line_ids: "2")"), kShop)
      .AndState([](const v1::OrderState& state) { EXPECT_NE(state.lines(0).status(), v1::LINE_STATUS_DELIVERED); });
}

TEST(Quantities, TheNextLegCarriesWhatTheFirstDid) {
  const std::string first =
      R"(shipment_added { shipment: "shipment/ups/A/1" carrier: "ups" tracking_number: "A" epoch: 1
      leg: 1 line_ids: "1" line_ids: "2" quantities { line_id: "1" quantity: 2 } })";
  Given<Order>({kPlaced, first})
      .When(Adding(R"(carrier: "usps" tracking_number: "B" follows: "shipment/ups/A/1")"), kShop)
      .Then({R"(shipment_added { shipment: "shipment/usps/B/1" carrier: "usps" tracking_number: "B" epoch: 1 leg: 2
                  last_leg: true line_ids: "1" line_ids: "2" quantities { line_id: "1" quantity: 2 }
                  follows: "shipment/ups/A/1" })"})
      .AndState([](const v1::OrderState& state) { EXPECT_EQ(SentOf(state, state.lines(0)), 2U) << "once"; });
}

TEST(Quantities, WhatWasSaidHoldsUntilItIsSaidAnew) {
  const Given<Order> given({kPlaced, Parcel("A", kTwoCups)});
  given.When(Adding(R"(carrier: "ups" tracking_number: "A" line_ids: "1")"), kShop).Then({});
  given.When(Adding(R"(carrier: "ups" tracking_number: "A" quantities { line_id: "1" quantity: 1 })"), kShop)
      .Then({Parcel("A", kOneCup)});
}

TEST(Quantities, ALostPartIsReplacedByItself) {
  const std::string lost = R"(shipment_observed { shipment: "shipment/ups/B/1" shipment_version: 3
                                state: TRACKING_STATE_LOST_OR_DAMAGED })";
  Given<Order>({kPlaced, Parcel("A", kTwoCups), Parcel("B", kOneCup), Parcel("T", R"(line_ids: "2")"), Delivered("A"),
                Delivered("T"), lost, Parcel("C", kOneCup)})
      .When(ObserveShipment{FromText<v1::ShipmentObserved>(
                R"(shipment: "shipment/ups/C/1" shipment_version: 2 state: TRACKING_STATE_DELIVERED
                   state_since { seconds: 1772700000 })")},
            kShop)
      .AndState([](const v1::OrderState& state) { EXPECT_TRUE(state.has_completed_at()); });
}

TEST(Quantities, AreOfTheShipmentsLinesAndNotMoreThanOrdered) {
  const auto refused = [](const auto& command) {
    return runtime::BadFieldsOf(Order::Decide(Given<Order>({kPlaced}).state(), command, kShop).status());
  };
  using Fields = std::vector<std::string>;
  EXPECT_EQ(
      refused(Adding(R"(carrier: "ups" tracking_number: "A" quantities { line_id: "1" quantity: 4 }
                              quantities { line_id: "2" quantity: 0 } quantities { line_id: "1" quantity: 1 }
                              quantities { line_id: "9" quantity: 1 })")),
      (Fields{"quantities[0].quantity", "quantities[1].quantity", "quantities[2].line_id", "quantities[3].line_id"}));
  EXPECT_EQ(refused(Telling(R"(line_ids: "2" dispatched { carrier: "ups" tracking_number: "A"
                                 quantities { line_id: "1" quantity: 1 } })")),
            (Fields{"dispatched.quantities[0].line_id"}));
}

// Whatever way a line is split into parcels, and in whatever order they arrive, it is delivered with the last of them.
RC_GTEST_PROP(QuantitiesProperty, ALineIsDeliveredWithItsLastParcel, ()) {
  const auto parcels = *rc::gen::container<std::vector<int>>(4, rc::gen::inRange(1, 5));
  const bool last_says_nothing = *rc::gen::arbitrary<bool>();
  int all = 0;
  for (const int quantity : parcels) all += quantity;
  std::vector<std::string> events{
      absl::StrCat(R"(placed { order_id: "SO-1" promised_time { seconds: 1772800000 } lines { line_id: "1" quantity: )",
                   all, " } }")};
  std::vector<std::string> numbers;
  for (size_t i = 0; i < parcels.size(); ++i) {
    numbers.push_back(absl::StrCat("N", i));
    const bool said = !last_says_nothing || i + 1 < parcels.size();
    events.push_back(
        Parcel(numbers.back(), absl::StrCat("line_ids: \"1\" ", said ? "quantities { line_id: \"1\" quantity: " : "",
                                            said ? absl::StrCat(parcels[i], " }") : "")));
  }
  std::vector<size_t> order{0, 1, 2, 3};
  std::shuffle(order.begin(), order.end(), std::mt19937(*rc::gen::arbitrary<uint32_t>()));
  int arrived = 0;
  for (const size_t i : order) {
    const v1::OrderState before = Given<Order>(events).state();
    RC_ASSERT(before.lines(0).status() != v1::LINE_STATUS_DELIVERED);
    RC_ASSERT(ArrivedOf(before, before.lines(0)) == static_cast<uint32_t>(arrived));
    RC_ASSERT(SentOf(before, before.lines(0)) == static_cast<uint32_t>(all));
    events.push_back(Delivered(numbers[i]));
    arrived += parcels[i];
  }
  const v1::OrderState after = Given<Order>(events).state();
  RC_ASSERT(after.lines(0).status() == v1::LINE_STATUS_DELIVERED);
}

}  // namespace
}  // namespace throughline::supplier

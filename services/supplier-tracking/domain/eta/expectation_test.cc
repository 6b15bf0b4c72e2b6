// Where the ETA of a line comes from: the surest that is known, and why.

#include "services/supplier-tracking/domain/eta/expectation.h"

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "libs/runtime/domain/testing_given.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/standing.h"

namespace throughline::supplier {
namespace {

using runtime::testing::By;
using runtime::testing::FromText;
using runtime::testing::Given;

const runtime::Caller kAcme = By("acme", common::v1::ROLE_PARTNER, "acme");

// Promised by 1772800000, which is 2026-03-06 12:26.
constexpr char kPlaced[] = R"(placed { order_id: "SO-1" customer_id: "c1" owner: "ana"
  promised_time { seconds: 1772800000 } lines { line_id: "1" sku: "lamp" quantity: 1 vendor_id: "acme" } })";
constexpr char kSent[] = R"(shipment_added { shipment: "shipment/ups/A/1" carrier: "ups" tracking_number: "A" epoch: 1
  leg: 1 last_leg: true line_ids: "1" })";

// The way from then on takes two to four days, half of them three, as 412 earlier ones did.
std::string WayFrom(int64_t from) {
  return absl::StrCat("estimate { eta { earliest { seconds: ", from + 2 * 86400,
                      " } latest { seconds: ", from + 4 * 86400, " } } likely { seconds: ", from + 3 * 86400,
                      " } from { seconds: ", from, " } ways: 412 }");
}
std::string Sends(int64_t at, const std::string& way = "") {
  return absl::StrCat(
      "vendor_acknowledged { vendor_id: \"acme\" line_ids: \"1\" stated_at { seconds: 1772366400 } "
      "expected_dispatch { seconds: ",
      at, " } ", way, " }");
}
std::string Dispatched(const std::string& more) {
  return absl::StrCat(
      "vendor_dispatched { vendor_id: \"acme\" line_ids: \"1\" stated_at { seconds: 1772370000 } "
      "carrier: \"ups\" tracking_number: \"A\" ",
      more, " }");
}
std::string PickedUp(const std::string& more) {
  return absl::StrCat(
      "shipment_observed { shipment: \"shipment/ups/A/1\" shipment_version: 2 "
      "state: TRACKING_STATE_IN_TRANSIT ",
      more, " }");
}

// Source, reason and whether it is at risk, as `VENDOR: ...`.
std::string Why(const std::vector<std::string>& given) {
  const v1::OrderState state = Given<Order>(given).state();
  const std::optional<Expectation> expected = ExpectationOf(state, state.lines(0));
  if (!expected) return "unknown";
  EXPECT_EQ(StandingOf(state).eta_source, expected->source);
  EXPECT_EQ(StandingOf(state).eta_reason, WhyText(state.lines(0), *expected));
  return absl::StrCat(v1::EtaSource_Name(expected->source).substr(11), ": ", WhyText(state.lines(0), *expected));
}
bool AtRisk(const std::vector<std::string>& given) { return StandingOf(Given<Order>(given).state()).at_risk; }

TEST(Expectation, IsTheSurestThatIsKnown) {
  std::vector<std::string> known = {kPlaced};
  EXPECT_EQ(Why(known), "unknown");
  known.push_back(Sends(1772500000));
  EXPECT_EQ(Why(known),
            "VENDOR_DISPATCH: vendor acme sends it on 2026-03-03 01:06 UTC; how long the way takes is not known");
  known.back() = Sends(1772500000, WayFrom(1772500000));
  EXPECT_EQ(Why(known),
            "VENDOR_AND_WAY: vendor acme sends it on 2026-03-03 01:06 UTC; the way takes 2 to 4 days (90 % of 412)");
  known.push_back(Dispatched(WayFrom(1772370000)));
  known.push_back(kSent);
  EXPECT_EQ(Why(known),
            "VENDOR_AND_WAY: vendor acme sent it on 2026-03-01 13:00 UTC; the way takes 2 to 4 days (90 % of 412)");
  known.push_back(PickedUp(WayFrom(1772380000)));
  EXPECT_EQ(Why(known),
            "PICK_UP_AND_WAY: ups has it since 2026-03-01 15:46 UTC; the way takes 2 to 4 days (90 % of 412)");
  known.push_back(PickedUp("eta { latest { seconds: 1772600000 } }"));
  EXPECT_EQ(Why(known), "CARRIER: ups expects it then");
}

TEST(Expectation, WhatTheVendorSaysOfTheDoorIsSurerThanAUsualWay) {
  const std::vector<std::string> known = {kPlaced, Dispatched("expected_delivery { latest { seconds: 1772700000 } }"),
                                          kSent, PickedUp(WayFrom(1772380000))};
  EXPECT_EQ(Why(known), "VENDOR: vendor acme expects it with the customer then");
}

TEST(Expectation, OfARestockNamesIt) {
  const std::string restock = absl::StrCat(
      R"(vendor_backordered { vendor_id: "acme" line_ids: "1" stated_at { seconds: 1772366400 }
           expected_restock { seconds: 1772500000 } )",
      WayFrom(1772500000), " }");
  EXPECT_EQ(
      Why({kPlaced, restock}),
      "VENDOR_AND_WAY: vendor acme has it again on 2026-03-03 01:06 UTC; the way takes 2 to 4 days (90 % of 412)");
}

// A vendor's date alone would be in time; with the way it is likely not.
TEST(Expectation, ADispatchDateWithTheWayIsHeldAgainstThePromise) {
  EXPECT_FALSE(AtRisk({kPlaced, Sends(1772790000)})) << "how long the way takes is not counted if it is not known";
  EXPECT_TRUE(AtRisk({kPlaced, Sends(1772790000, WayFrom(1772790000))}));
  EXPECT_FALSE(AtRisk({kPlaced, Sends(1772500000, WayFrom(1772500000))})) << "one in two is not likely late";
  UpdateFromVendor late{
      FromText<v1::RecordVendorUpdateRequest>(
          R"(vendor_id: "acme" acknowledged { expected_dispatch { seconds: 1772790000 } })"),
      {},
      FromText<v1::OrderEvent>("vendor_acknowledged { " + WayFrom(1772790000) + " }").vendor_acknowledged().estimate()};
  const auto events = Order::Decide(Given<Order>({kPlaced}).state(), late, kAcme);
  ASSERT_TRUE(events.ok()) << events.status();
  ASSERT_EQ(events->size(), 3u);
  EXPECT_EQ((*events)[0].vendor_acknowledged().estimate().ways(), 412u) << "the log says it, so that it stays the same";
  EXPECT_EQ((*events)[1].eta_changed().eta_source(), v1::ETA_SOURCE_VENDOR_AND_WAY);
  EXPECT_EQ((*events)[1].eta_changed().reason(),
            "vendor acme sends it on 2026-03-06 09:40 UTC; the way takes 2 to 4 days (90 % of 412)");
  EXPECT_EQ((*events)[2].promise_at_risk().cause(),
            "vendor acme: line 1 acknowledged, expected 2026-03-09 09:40 UTC, promised by 2026-03-06 12:26 UTC");
}

TEST(Expectation, WhatHistorySaysOfAWayThatHasBegunIsNoAlarmAndClearsNone) {
  const std::string late = WayFrom(1772790000), early = WayFrom(1772380000);
  EXPECT_FALSE(AtRisk({kPlaced, Dispatched(""), kSent, PickedUp(late)})) << "that is for the forecast";
  const std::vector<std::string> alarmed = {
      kPlaced, R"(vendor_delayed { vendor_id: "acme" line_ids: "1" stated_at { seconds: 1772366400 } reason: "storm"
                                   expected_dispatch { seconds: 1772900000 } })"};
  ASSERT_TRUE(AtRisk(alarmed));
  std::vector<std::string> sent = alarmed;
  sent.push_back(Dispatched(early));
  sent.push_back(kSent);
  EXPECT_TRUE(AtRisk(sent)) << "a dispatch without a date dates nothing, whatever is usual";
  sent.push_back(PickedUp(early));
  EXPECT_TRUE(AtRisk(sent));
  sent.push_back(PickedUp("eta { latest { seconds: 1772600000 } }"));
  EXPECT_FALSE(AtRisk(sent)) << "the carrier dates it";
}

TEST(Expectation, ADateInTimeWithItsWayClearsAnAlarm) {
  const std::string lacking =
      R"(vendor_backordered { vendor_id: "acme" line_ids: "1" stated_at { seconds: 1772366400 } reason: "none" })";
  const std::string sends = absl::StrCat(
      R"(vendor_acknowledged { vendor_id: "acme" line_ids: "1" stated_at { seconds: 1772366500 }
           expected_dispatch { seconds: 1772400000 } )",
      WayFrom(1772400000), " }");
  EXPECT_TRUE(AtRisk({kPlaced, lacking}));
  EXPECT_FALSE(AtRisk({kPlaced, lacking, sends}));
}

TEST(Expectation, TheSameWordWithAnotherHistoryIsARepetition) {
  const v1::OrderState state = Given<Order>({kPlaced, Sends(1772500000, WayFrom(1772500000))}).state();
  UpdateFromVendor again{FromText<v1::RecordVendorUpdateRequest>(
                             R"(vendor_id: "acme" acknowledged { expected_dispatch { seconds: 1772500000 } })"),
                         {},
                         {}};
  const auto events = Order::Decide(state, again, kAcme);
  ASSERT_TRUE(events.ok());
  EXPECT_TRUE(events->empty());
}

TEST(Expectation, TheFirstEstimateOfAShipmentStays) {
  ObserveShipment seen{FromText<v1::ShipmentObserved>(
      "shipment: \"shipment/ups/A/1\" shipment_version: 3 state: TRACKING_STATE_IN_TRANSIT")};
  seen.estimate = FromText<v1::ShipmentObserved>(WayFrom(1772390000)).estimate();
  const auto first = Order::Decide(Given<Order>({kPlaced, kSent}).state(), seen, kAcme);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ((*first)[1].eta_changed().eta_source(), v1::ETA_SOURCE_PICK_UP_AND_WAY);
  const auto second = Order::Decide(Given<Order>({kPlaced, kSent, PickedUp(WayFrom(1772380000))}).state(), seen, kAcme);
  EXPECT_TRUE(second->empty());
}

// Two parcels, A and B, with one lamp each; promised by 1772800000.
constexpr char kTwo[] = R"(placed { order_id: "SO-1" customer_id: "c1" owner: "ana"
  promised_time { seconds: 1772800000 } lines { line_id: "1" sku: "lamp" quantity: 2 vendor_id: "acme" } })";
std::string Sent(const std::string& number) {
  return absl::StrCat("shipment_added { shipment: \"shipment/ups/", number, "/1\" carrier: \"ups\" tracking_number: \"",
                      number,
                      "\" epoch: 1 leg: 1 last_leg: true line_ids: \"1\" quantities { line_id: \"1\" quantity: 1 } }");
}
std::string Moves(const std::string& number, const std::string& more) {
  return absl::StrCat("shipment_observed { shipment: \"shipment/ups/", number,
                      "/1\" shipment_version: 2 state: TRACKING_STATE_IN_TRANSIT ", more, " }");
}
constexpr char kLateEta[] = "eta { latest { seconds: 1772900000 } }";
constexpr char kLateCause[] =
    "shipment/ups/A/1: line 1 ordered, expected 2026-03-07 16:13 UTC, promised by 2026-03-06 12:26 UTC";

TEST(Expectation, AnEstimateOfAnotherPartHidesNoLateDateOfTheCarrier) {
  const std::string guess = WayFrom(1772700000);  // until after the carrier's date
  for (const auto& order :
       {std::vector{Moves("A", kLateEta), Moves("B", guess)}, std::vector{Moves("B", guess), Moves("A", kLateEta)}}) {
    std::vector<std::string> known = {kTwo, Sent("A"), Sent("B")};
    known.insert(known.end(), order.begin(), order.end());
    EXPECT_EQ(Why(known),
              "PICK_UP_AND_WAY: ups has it since 2026-03-05 08:40 UTC; the way takes 2 to 4 days (90 % of 412)")
        << "the latest is shown";
    EXPECT_EQ(StandingOf(Given<Order>(known).state()).cause, kLateCause) << "and the carrier's date is judged";
  }
}

TEST(Expectation, WhatTheVendorSaidOfTheDoorHidesNoLateDateOfTheCarrier) {
  const std::vector<std::string> known = {
      kTwo,
      Sent("A"),
      Sent("B"),
      R"(vendor_acknowledged { vendor_id: "acme" line_ids: "1" stated_at { seconds: 1772366400 }
           expected_delivery { latest { seconds: 1772600000 } } })",
      Moves("A", kLateEta),
      Moves("B", WayFrom(1772700000))};
  EXPECT_EQ(Why(known), "CARRIER: ups expects it then") << "the vendor speaks for B alone, which nobody else dates";
  EXPECT_EQ(StandingOf(Given<Order>(known).state()).cause,
            "shipment/ups/A/1: line 1 acknowledged, expected 2026-03-07 16:13 UTC, promised by 2026-03-06 12:26 UTC");
}

TEST(Expectation, WhatIsLikelyOfTheVendorsRestHidesNoLateDateOfTheCarrier) {
  const std::vector<std::string> known = {kTwo, Sent("A"), Sends(1772510000, WayFrom(1772510000)),
                                          Moves("A", "eta { latest { seconds: 1772810000 } }")};
  EXPECT_EQ(Why(known),
            "VENDOR_AND_WAY: vendor acme sends it on 2026-03-03 03:53 UTC; the way takes 2 to 4 days (90 % of 412)");
  EXPECT_EQ(StandingOf(Given<Order>(known).state()).cause,
            "shipment/ups/A/1: line 1 acknowledged, expected 2026-03-06 15:13 UTC, promised by 2026-03-06 12:26 UTC");
}

// To be collected in store-1: late by the carrier's date, and at risk.
TEST(Expectation, WhatAnotherStoreHasIsNotThereInTimeByTheCarriersWord) {
  const std::vector<std::string> late = {
      R"(placed { order_id: "SO-1" customer_id: "c1" owner: "ana" promised_time { seconds: 1772800000 }
           lines { line_id: "1" sku: "lamp" quantity: 1 vendor_id: "acme" collect_at: "store-1" } })",
      R"(shipment_added { shipment: "shipment/ups/A/1" carrier: "ups" tracking_number: "A" epoch: 1 leg: 1
                          last_leg: true line_ids: "1" collect_at: "store-1" })",
      Moves("A", kLateEta), "promise_at_risk { promised_time { seconds: 1772800000 } }"};
  const auto told = [&](const std::string& receipts) {
    const ObserveShipment seen{FromText<v1::ShipmentObserved>(absl::StrCat(
        R"(shipment: "shipment/ups/A/1" shipment_version: 3 state: TRACKING_STATE_DELIVERED
           state_since { seconds: 1772700000 } )",
        kLateEta, receipts))};
    const auto events = Order::Decide(Given<Order>(late).state(), seen, kAcme);
    EXPECT_TRUE(events.ok()) << events.status();
    std::string kinds;
    for (const auto& event : *events) {
      if (event.has_promise_recovered()) kinds += "recovered ";
      if (event.has_concern_raised()) kinds += v1::ConcernKind_Name(event.concern_raised().concern().kind());
    }
    return kinds;
  };
  EXPECT_EQ(told(""), "recovered ") << "the carrier says that it is in the store";
  EXPECT_EQ(told(R"(store_receipts { store: "store-9" at { seconds: 1772710000 } })"), "CONCERN_KIND_CONTRADICTION");
  EXPECT_EQ(told(R"(store_receipts { store: "store-9" at { seconds: 1772710000 } }
                    store_receipts { store: "store-1" at { seconds: 1772720000 } })"),
            "recovered ");
}

TEST(Expectation, WithoutAnythingElseItIsThatOfTheForecast) {
  const std::string forecast = R"(forecast { forecast { late_probability: 0.1 cause: "acme"
    expected { earliest { seconds: 1772600000 } latest { seconds: 1772700000 } } } })";
  const Standing standing = StandingOf(Given<Order>({kPlaced, forecast}).state());
  EXPECT_EQ(standing.eta_source, v1::ETA_SOURCE_HISTORY);
  EXPECT_EQ(standing.eta_reason,
            "by our history half of such orders arrive by 2026-03-04 04:53 UTC, nine in ten by 2026-03-05 08:40 UTC");
  const std::string lacking =
      R"(vendor_backordered { vendor_id: "acme" line_ids: "1" stated_at { seconds: 1772366400 } reason: "none" })";
  EXPECT_FALSE(StandingOf(Given<Order>({kPlaced, forecast, lacking}).state()).eta) << "nobody knows, says the vendor";
}

TEST(Expectation, AWayIsSaidInDaysOrHours) {
  const auto text = [](int64_t shortest, int64_t longest) {
    v1::Estimate estimate;
    estimate.mutable_from()->set_seconds(1000000);
    estimate.mutable_eta()->mutable_earliest()->set_seconds(1000000 + shortest * 3600);
    estimate.mutable_eta()->mutable_latest()->set_seconds(1000000 + longest * 3600);
    return WayText(estimate);
  };
  EXPECT_EQ(text(30, 90), "1 to 4 days");
  EXPECT_EQ(text(5, 20), "5 to 20 hours");
  EXPECT_EQ(text(72, 72), "3 days");
}

}  // namespace
}  // namespace throughline::supplier

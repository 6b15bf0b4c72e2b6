#include "services/supplier-tracking/domain/legs/order_legs.h"

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "libs/runtime/domain/testing_given.h"
#include "services/supplier-tracking/domain/order.h"

namespace throughline::supplier {
namespace {

using runtime::testing::By;
using runtime::testing::FromText;
using runtime::testing::Given;

const runtime::Caller kLegsService = By("throughline.supplier", common::v1::ROLE_SERVICE);

constexpr char kLegsOrder[] = R"(placed {
  order_id: "SO-1" customer_id: "c1" owner: "ana" placed_at { seconds: 1772300000 }
  promised_time { seconds: 1772900000 } lines { line_id: "1" sku: "a" quantity: 1 vendor_id: "acme" } })";
constexpr char kFirstLeg[] = R"(shipment_added { shipment: "shipment/ups/1Z/1" carrier: "ups" tracking_number: "1Z"
  epoch: 1 leg: 1 line_ids: "1" })";
constexpr char kSecondLeg[] = R"(shipment_added { shipment: "shipment/usps/94/1" carrier: "usps" tracking_number: "94"
  epoch: 1 leg: 2 last_leg: true line_ids: "1" follows: "shipment/ups/1Z/1" })";
// At 1772400000; awaited for a day.
constexpr char kHandedOver[] = R"(shipment: "shipment/ups/1Z/1" shipment_version: 3 state: TRACKING_STATE_HANDED_OVER
  state_since { seconds: 1772400000 } handed_to { carrier: "usps" tracking_number: "94" })";
constexpr char kAwaited[] = R"(leg_awaited { shipment: "shipment/ups/1Z/1" since { seconds: 1772400000 }
  due { seconds: 1772486400 } next { carrier: "usps" tracking_number: "94" } })";
constexpr char kGapRaised[] = R"(concern_raised { owner: "ana" customer_id: "c1" concern {
  kind: CONCERN_KIND_LEG_GAP about: "shipment/ups/1Z/1" state: TRACKING_STATE_HANDED_OVER
  since { seconds: 1772400000 } key: "1772400000000000"
  text: "ups 1Z was handed over to usps 94, and is not with it as far as we know" } })";

std::string Observed(const std::string& text) { return absl::StrCat("shipment_observed { ", text, " }"); }
ObserveShipment Observing(const std::string& text) { return {FromText<v1::ShipmentObserved>(text)}; }
PassLegDue Due(int64_t due) {
  PassLegDue passed;
  passed.request.set_shipment("shipment/ups/1Z/1");
  passed.request.mutable_due()->set_seconds(due);
  return passed;
}
runtime::Caller At(int64_t seconds) {
  runtime::Caller caller = kLegsService;
  caller.time = absl::FromUnixSeconds(seconds);
  return caller;
}

TEST(OrderLegs, AHandOverAwaitsTheNextLeg) {
  Given<Order>({kLegsOrder, kFirstLeg})
      .When(Observing(kHandedOver), kLegsService)
      .Then({Observed(kHandedOver), kAwaited});
  Given<Order>({kLegsOrder, kFirstLeg, Observed(kHandedOver), kAwaited})
      .When(Observing(kHandedOver), kLegsService)
      .Then({});
}

TEST(OrderLegs, ALegThatEndsAtAnotherPlaceThanTheCustomersAwaitsTheNext) {
  const std::string arrived = R"(shipment: "shipment/ups/1Z/1" shipment_version: 3 state: TRACKING_STATE_DELIVERED
                                 state_since { seconds: 1772400000 })";
  Given<Order>({kLegsOrder, kFirstLeg})
      .When(Observing(arrived), kLegsService)
      .Then(
          {Observed(arrived), R"(shipment_delivered { shipment: "shipment/ups/1Z/1" at { seconds: 1772400000 } })",
           R"(leg_awaited { shipment: "shipment/ups/1Z/1" since { seconds: 1772400000 } due { seconds: 1772486400 } })"});
}

TEST(OrderLegs, TheGapIsRaisedOnceItsTimeHasPassed) {
  const Given<Order> awaited({kLegsOrder, kFirstLeg, Observed(kHandedOver), kAwaited});
  awaited.When(Due(1772486400), At(1772486400)).Then({kGapRaised});
  awaited.When(Due(1772486400), At(1772486399)).Then({});
  awaited.When(Due(1772486401), At(1772486500)).Then({});
  Given<Order>({kLegsOrder, kFirstLeg, Observed(kHandedOver), kAwaited, kGapRaised})
      .When(Due(1772486400), At(1772486400))
      .Then({});
}

TEST(OrderLegs, AnnouncingTheNextLegIsNoScanOfIt) {
  const Given<Order> added({kLegsOrder, kFirstLeg, Observed(kHandedOver), kAwaited, kSecondLeg});
  added
      .When(Observing(R"(shipment: "shipment/usps/94/1" shipment_version: 1 state: TRACKING_STATE_ANNOUNCED)"),
            kLegsService)
      .Then({});
  added.When(Due(1772486400), At(1772486400)).Then({R"(concern_raised { owner: "ana" customer_id: "c1" concern {
                  kind: CONCERN_KIND_LEG_GAP about: "shipment/ups/1Z/1" state: TRACKING_STATE_HANDED_OVER
                  since { seconds: 1772400000 } key: "1772400000000000"
                  text: "the leg of ups 1Z has ended, and usps 94 has not been scanned since" } })"});
}

TEST(OrderLegs, TheFirstScanOfTheNextLegClosesTheGap) {
  const std::string begun = R"(shipment: "shipment/usps/94/1" shipment_version: 2 state: TRACKING_STATE_IN_TRANSIT
                               state_since { seconds: 1772410000 })";
  const std::string taken = R"(leg_taken { shipment: "shipment/ups/1Z/1" by: "shipment/usps/94/1" })";
  Given<Order>({kLegsOrder, kFirstLeg, Observed(kHandedOver), kAwaited, kSecondLeg})
      .When(Observing(begun), kLegsService)
      .Then({Observed(begun), taken});
  Given<Order>({kLegsOrder, kFirstLeg, Observed(kHandedOver), kAwaited, kSecondLeg, kGapRaised})
      .When(Observing(begun), kLegsService)
      .Then({Observed(begun), taken,
             R"(concern_cleared { kind: CONCERN_KIND_LEG_GAP about: "shipment/ups/1Z/1"
                                  evidence: "usps 94 has been scanned" })"})
      .AndState([](const v1::OrderState& state) {
        EXPECT_TRUE(state.concerns().empty());
        EXPECT_FALSE(state.shipments(0).has_awaited_until());
      });
}

TEST(OrderLegs, ANextLegThatWasScannedBeforeLeavesNoGap) {
  Given<Order>({kLegsOrder, kFirstLeg, kSecondLeg,
                R"(shipment_observed { shipment: "shipment/usps/94/1" shipment_version: 2
                                       state: TRACKING_STATE_PICKED_UP })"})
      .When(Observing(kHandedOver), kLegsService)
      .Then({Observed(kHandedOver)});
}

TEST(OrderLegs, AHandOverThatIsTakenBackIsNoGap) {
  const std::string goes_on = R"(shipment: "shipment/ups/1Z/1" shipment_version: 4 state: TRACKING_STATE_IN_TRANSIT
                                 state_since { seconds: 1772410000 })";
  Given<Order>({kLegsOrder, kFirstLeg, Observed(kHandedOver), kAwaited, kGapRaised})
      .When(Observing(goes_on), kLegsService)
      .Then(
          {Observed(goes_on), R"(leg_taken { shipment: "shipment/ups/1Z/1" by: "shipment/ups/1Z/1" })",
           R"(concern_cleared { kind: CONCERN_KIND_LEG_GAP about: "shipment/ups/1Z/1" evidence: "ups 1Z goes on" })"});
}

TEST(OrderLegs, WhatTheCustomerHasIsNotAwaited) {
  const std::string whole = R"(shipment_added { shipment: "shipment/ups/1Z/1" carrier: "ups" tracking_number: "1Z"
                               epoch: 1 leg: 1 last_leg: true line_ids: "1" })";
  const std::string arrived = R"(shipment: "shipment/ups/1Z/1" shipment_version: 3 state: TRACKING_STATE_DELIVERED
                                 state_since { seconds: 1772400000 })";
  Given<Order>({kLegsOrder, whole})
      .When(Observing(arrived), kLegsService)
      .Then({Observed(arrived),
             R"(shipment_delivered { shipment: "shipment/ups/1Z/1" at { seconds: 1772400000 } last_leg: true })",
             R"(completed { delivered_at { seconds: 1772400000 } in_time: true in_first_time: true })"});
}

}  // namespace
}  // namespace throughline::supplier

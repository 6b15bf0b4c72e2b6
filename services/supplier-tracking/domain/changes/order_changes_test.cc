// Amendments and cancellations of an order.

#include "services/supplier-tracking/domain/changes/order_changes.h"

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/testing_given.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/quantities.h"
#include "services/supplier-tracking/domain/standing.h"

namespace throughline::supplier {
namespace {

using runtime::testing::By;
using runtime::testing::FromText;
using runtime::testing::Given;

const runtime::Caller kAna = By("ana", common::v1::ROLE_REP);

// Noon is 1772366400.
constexpr char kPlaced[] = R"(placed {
  order_id: "SO-1" customer_id: "c1" owner: "ana" promised_time { seconds: 1772800000 }
  lines { line_id: "1" sku: "cup" quantity: 3 vendor_id: "acme" }
  lines { line_id: "2" sku: "table" quantity: 1 vendor_id: "bolt" } })";
constexpr char kLate[] =
    R"(vendor_delayed { stated_at { seconds: 1772366400 } vendor_id: "acme" line_ids: "1" reason: "busy"
  expected_delivery { latest { seconds: 1772900000 } } })";
constexpr char kLateEta[] = R"(eta_changed { new_eta { latest { seconds: 1772900000 } } source: "vendor/acme" })";
constexpr char kAtRisk[] = R"(promise_at_risk { promised_time { seconds: 1772800000 } })";
constexpr char kOneCupSent[] = R"(shipment_added { shipment: "shipment/ups/A/1" carrier: "ups" tracking_number: "A"
  epoch: 1 leg: 1 last_leg: true line_ids: "1" quantities { line_id: "1" quantity: 1 } })";
constexpr char kTableSent[] = R"(shipment_added { shipment: "shipment/ups/B/1" carrier: "ups" tracking_number: "B"
  epoch: 1 leg: 1 last_leg: true line_ids: "2" })";

std::string Here(const std::string& number) {
  return absl::StrCat("shipment_delivered { shipment: \"shipment/ups/", number,
                      "/1\" at { seconds: 1772700000 } last_leg: true }");
}

TEST(Amendments, KeepTheFirstPromiseBesideThePresentOne) {
  Given<Order>({kPlaced, kLate, kLateEta, kAtRisk})
      .When<v1::AmendOrderRequest>(
          R"(promised_time { seconds: 1772950000 } promised_from { seconds: 1772940000 } reason: "agreed with Mira")",
          kAna)
      .Then({R"(amended { promised_time { seconds: 1772950000 } promised_from { seconds: 1772940000 }
                          reason: "agreed with Mira" by: "ana" })",
             R"(promise_recovered { promised_time { seconds: 1772950000 } eta { latest { seconds: 1772900000 } } })"})
      .AndState([](const v1::OrderState& state) {
        EXPECT_EQ(state.promised_time().seconds(), 1772950000);
        EXPECT_EQ(state.first_promised_time().seconds(), 1772800000);
      });
  // Delivered by the present promise, and not by the first.
  const std::string seen = R"(shipment: "shipment/ups/B/1" shipment_version: 2 state: TRACKING_STATE_DELIVERED
                              state_since { seconds: 1772930000 })";
  Given<Order>({kPlaced, R"(amended { promised_time { seconds: 1772950000 } })",
                R"(lines_cancelled { quantities { line_id: "1" quantity: 3 } })", kTableSent})
      .When(ObserveShipment{FromText<v1::ShipmentObserved>(seen)}, kAna)
      .Then({"shipment_observed {" + seen + "}",
             R"(shipment_delivered { shipment: "shipment/ups/B/1" at { seconds: 1772930000 } last_leg: true })",
             R"(completed { delivered_at { seconds: 1772930000 } in_time: true })"});
}

TEST(Amendments, OfThePromiseDoNotMakeAnythingKnown) {
  Given<Order>(
      {kPlaced, R"(vendor_backordered { stated_at { seconds: 1772366400 } vendor_id: "acme" line_ids: "1" })", kAtRisk})
      .When<v1::AmendOrderRequest>(R"(promised_time { seconds: 1772950000 } reason: "we hope")", kAna)
      .AndState([](const v1::OrderState& state) { EXPECT_TRUE(state.at_risk()) << "the restock is still unknown"; });
}

TEST(Amendments, APassedPromiseIsNotThePresentOne) {
  const Given<Order> given({kPlaced, R"(amended { promised_time { seconds: 1772950000 } })"});
  given.When(PassPromise{FromText<v1::OrderOverdue>("promised_time { seconds: 1772800000 }")}, kAna).Then({});
  Given<Order>({kPlaced, R"(overdue { promised_time { seconds: 1772800000 } })", kAtRisk,
                R"(amended { promised_time { seconds: 1772950000 } })"})
      .When(PassPromise{FromText<v1::OrderOverdue>("promised_time { seconds: 1772950000 }")}, kAna)
      .Then({R"(overdue { promised_time { seconds: 1772950000 } })"});
}

TEST(Amendments, AddLinesAndMoreOfALine) {
  Given<Order>({kPlaced, kTableSent, Here("B")})
      .When<v1::AmendOrderRequest>(R"(added_lines { line_id: "3" sku: "tray" quantity: 1 vendor_id: "acme" }
                                      quantities { line_id: "2" quantity: 2 } reason: "more guests")",
                                   kAna)
      .AndState([](const v1::OrderState& state) {
        EXPECT_EQ(state.lines_size(), 3);
        EXPECT_EQ(state.lines(1).status(), v1::LINE_STATUS_ORDERED) << "another table is wanted";
        EXPECT_EQ(ArrivedOf(state, state.lines(1)), 1U);
        EXPECT_EQ(SentOf(state, state.lines(1)), 1U) << "what was sent is not what was added";
      });
}

TEST(Amendments, AreRefusedByField) {
  const auto refused = [](const std::string& text) {
    return runtime::BadFieldsOf(
        Order::Decide(Given<Order>({kPlaced}).state(), FromText<v1::AmendOrderRequest>(text), kAna).status());
  };
  using Fields = std::vector<std::string>;
  EXPECT_EQ(refused(""), (Fields{"reason", "promised_time"}));
  EXPECT_EQ(refused(R"(reason: "r" promised_time { seconds: 1772366400 } promised_from { seconds: 1772366400 })"),
            (Fields{"promised_time", "promised_from"}));
  EXPECT_EQ(refused(R"(reason: "r" added_lines { line_id: "1" sku: "s" quantity: 1 vendor_id: "v" }
                       quantities { line_id: "1" quantity: 3 } quantities { line_id: "9" quantity: 3 })"),
            (Fields{"added_lines[0].line_id", "quantities[0].quantity", "quantities[1].line_id"}));
}

TEST(Cancellations, OfEverythingCancelTheOrder) {
  Given<Order>({kPlaced, kLate, kLateEta, kAtRisk})
      .When<v1::CancelLinesRequest>(R"(reason: "ordered twice")", kAna)
      .Then({R"(lines_cancelled { quantities { line_id: "1" quantity: 3 } quantities { line_id: "2" quantity: 1 }
                                  reason: "ordered twice" by: "ana" })",
             "cancelled {}"})
      .AndState([](const v1::OrderState& state) {
        EXPECT_TRUE(state.cancelled());
        EXPECT_FALSE(state.at_risk());
      });
  const Given<Order> gone({kPlaced, R"(lines_cancelled { quantities { line_id: "1" quantity: 3 }
                                         quantities { line_id: "2" quantity: 1 } })",
                           "cancelled {}"});
  gone.When(PassPromise{FromText<v1::OrderOverdue>("promised_time { seconds: 1772800000 }")}, kAna).Then({});
  gone.When<v1::AmendOrderRequest>(R"(reason: "r" promised_time { seconds: 1772950000 })", kAna)
      .ThenRefused(absl::StatusCode::kFailedPrecondition, "cancelled");
}

TEST(Cancellations, OfTheRestCompleteTheOrder) {
  Given<Order>({kPlaced, kOneCupSent, kTableSent, Here("A"), Here("B")})
      .When<v1::CancelLinesRequest>(R"(quantities { line_id: "1" quantity: 2 } reason: "one is enough")", kAna)
      .Then({R"(lines_cancelled { quantities { line_id: "1" quantity: 2 } reason: "one is enough" by: "ana" })",
             R"(completed { delivered_at { seconds: 1772700000 } in_time: true in_first_time: true })"});
}

TEST(Cancellations, OfTheUnknownRestLeaveWhatIsOnItsWay) {
  Given<Order>({kPlaced, kOneCupSent, R"(shipment_observed { shipment: "shipment/ups/A/1" shipment_version: 2
                                           eta { latest { seconds: 1772700000 } } })",
                R"(vendor_backordered { stated_at { seconds: 1772366400 } vendor_id: "acme" line_ids: "1" })", kAtRisk})
      .When<v1::CancelLinesRequest>(R"(quantities { line_id: "1" quantity: 2 } reason: "one is enough")", kAna)
      .AndState([](const v1::OrderState& state) {
        EXPECT_FALSE(state.at_risk());
        EXPECT_EQ(state.eta().latest().seconds(), 1772700000);
        EXPECT_EQ(state.lines(0).status(), v1::LINE_STATUS_DISPATCHED);
      });
}

TEST(Cancellations, OfWhatIsSentAreRefused) {
  const Given<Order> given({kPlaced, kOneCupSent});
  given.When<v1::CancelLinesRequest>(R"(line_ids: "1" reason: "r")", kAna)
      .ThenRefused(absl::StatusCode::kFailedPrecondition, "of line 1 1 of 3 are sent");
  given.When<v1::CancelLinesRequest>(R"(line_ids: "9" quantities { line_id: "2" quantity: 2 })", kAna)
      .ThenRefused(absl::StatusCode::kInvalidArgument, "line_ids[0]");
  Given<Order>({kPlaced, R"(lines_cancelled { quantities { line_id: "2" quantity: 1 } })"})
      .When<v1::CancelLinesRequest>(R"(line_ids: "2" reason: "again")", kAna)
      .Then({});
}

TEST(Cancellations, AVendorIsToldNotToSend) {
  const UpdateFromVendor sent{FromText<v1::RecordVendorUpdateRequest>(
                                  R"(vendor_id: "bolt" dispatched { carrier: "ups" tracking_number: "C" })"),
                              {}};
  const auto decision = Order::Decide(
      Given<Order>({kPlaced, R"(lines_cancelled { quantities { line_id: "2" quantity: 1 } })"}).state(), sent, kAna);
  EXPECT_EQ(runtime::ReasonOf(decision.status()), "LINE_CANCELLED");
}

}  // namespace
}  // namespace throughline::supplier

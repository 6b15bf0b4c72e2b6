// What happens next, from what is known of an order.

#include "services/supplier-tracking/projections/order/next_step.h"

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/runtime/testing/bench.h"

namespace throughline::supplier {
namespace {

using ::testing::ElementsAre;

// An order of ana's, promised at 900. `text`: more of its row.
v1::OrderRow Row(const std::string& view, const std::string& row = "", const std::string& status = "OPEN") {
  return runtime::testing::FromText<v1::OrderRow>(
      absl::StrCat(R"(view { order_id: "SO-1" owner: "ana" promised_time { seconds: 900 } )", "status: ORDER_STATUS_",
                   status, " ", view, "} ", row));
}
std::string Line(int id, const std::string& vendor, const std::string& status, const std::string& more = "") {
  return absl::StrCat("lines { line { line_id: \"", id, "\" description: \"Thing ", id, "\" vendor_id: \"", vendor,
                      "\" } status: LINE_STATUS_", status, " ", more, " } ");
}
std::string Leg(const std::string& carrier, int leg, const std::string& state, const std::string& more = "") {
  return absl::StrCat("shipments { shipment: \"shipment/", carrier, "/N", leg, "/1\" carrier: \"", carrier,
                      "\" tracking_number: \"N", leg, "\" leg: ", leg, " line_ids: \"1\" state: TRACKING_STATE_", state,
                      " ", more, " } ");
}

// Each as `by: text @due`.
std::vector<std::string> Steps(const v1::OrderRow& row, v1::Audience audience = v1::AUDIENCE_STAFF) {
  v1::OrderView view = row.view();
  SetNextSteps(row, audience, view);
  std::vector<std::string> steps;
  const auto add = [&](const v1::NextStep& step) {
    steps.push_back(absl::StrCat(step.by().empty() ? "" : step.by() + ": ", step.text(),
                                 step.has_due() ? absl::StrCat(" @", step.due().latest().seconds()) : ""));
  };
  if (view.has_next_step()) add(view.next_step());
  for (const v1::NextStep& step : view.later_steps()) add(step);
  return steps;
}
constexpr char kPromise[] = "ana: all of it is with the customer, as promised @900";

TEST(NextStep, IsWhatVendorsSaidAndHaveYetToSay) {
  EXPECT_THAT(
      Steps(Row(Line(1, "acme", "ORDERED") + Line(2, "acme", "ORDERED") + Line(3, "bolt", "ORDERED"))),
      ElementsAre("acme: vendor acme acknowledges lines 1, 2", "bolt: vendor bolt acknowledges line 3", kPromise));
  EXPECT_THAT(
      Steps(Row(Line(1, "acme", "BACKORDERED") + Line(2, "acme", "BACKORDERED", "expected_restock { seconds: 500 }") +
                Line(3, "acme", "ACKNOWLEDGED", "expected_dispatch { seconds: 200 }"))),
      ElementsAre("acme: vendor acme sends line 3 @200", "acme: vendor acme has line 2 again @500",
                  "acme: vendor acme says when it has line 1 again", kPromise))
      << "what nobody dated stands last, before the promise";
  EXPECT_THAT(
      Steps(Row(Line(1, "acme", "DELAYED", "vendor_eta { latest { seconds: 700 } }") + Line(2, "bolt", "DELAYED"))),
      ElementsAre("acme: line 1 is with the customer, says vendor acme @700",
                  "bolt: vendor bolt says when it sends line 2", kPromise));
}

TEST(NextStep, FollowsTheLegsInTheirOrder) {
  const std::string line = Line(1, "acme", "DISPATCHED");
  EXPECT_THAT(Steps(Row(line + Leg("ups", 1, "ANNOUNCED", "last_leg: true eta { latest { seconds: 300 } }"))),
              ElementsAre("ups: ups N1 is picked up", "ups: ups N1 is delivered @300", kPromise));
  EXPECT_THAT(Steps(Row(line + Leg("ups", 1, "IN_TRANSIT") +
                        Leg("usps", 2, "UNSPECIFIED", "last_leg: true eta { latest { seconds: 300 } }"))),
              ElementsAre("ups: ups N1 is handed over to usps", "usps: usps N2 is picked up",
                          "usps: usps N2 is delivered @300", kPromise));
  EXPECT_THAT(Steps(Row(line + Leg("ups", 1, "HANDED_OVER") + Leg("usps", 2, "IN_TRANSIT", "last_leg: true"))),
              ElementsAre("usps: usps N2 is delivered", kPromise));
}

TEST(NextStep, IsByTheVendorsDateWhereTheCarrierGaveNone) {
  const std::string leg = Leg("ups", 1, "IN_TRANSIT", "last_leg: true");
  const v1::OrderRow row = Row(Line(1, "acme", "DISPATCHED", "vendor_eta { latest { seconds: 600 } }") + leg);
  EXPECT_THAT(Steps(row), ElementsAre("ups: ups N1 is delivered @600", kPromise));
  v1::OrderView view = row.view();
  SetNextSteps(row, v1::AUDIENCE_STAFF, view);
  EXPECT_EQ(view.next_step().source(), v1::NEXT_STEP_SOURCE_VENDOR);
}

TEST(NextStep, IsOursWhereSomethingStandsInTheWay) {
  const std::string line = Line(1, "acme", "DISPATCHED");
  EXPECT_THAT(Steps(Row(line + Leg("ups", 1, "HANDED_OVER"))),
              ElementsAre("ana: ana finds out which carrier has taken over ups N1", kPromise));
  EXPECT_THAT(Steps(Row(line + Leg("ups", 1, "ON_HOLD", "last_leg: true reason: TRACKING_REASON_CUSTOMS"))),
              ElementsAre("ana: ana has the hold of ups N1 lifted (customs)", kPromise));
  EXPECT_THAT(Steps(Row(line + Leg("ups", 1, "LOST_OR_DAMAGED", "last_leg: true"))),
              ElementsAre("ana: ana has the lines of ups N1 sent again, or gives the money back", kPromise));
  EXPECT_THAT(Steps(Row(line + Leg("ups", 1, "LOST_OR_DAMAGED", "last_leg: true") +
                        Leg("usps", 1, "OUT_FOR_DELIVERY", "last_leg: true"))),
              ElementsAre("usps: usps N1 is delivered", kPromise))
      << "it was sent again";
  EXPECT_THAT(Steps(Row(line + Leg("ups", 1, "ATTEMPTED", "last_leg: true"))),
              ElementsAre("ups: ups N1 is tried again", kPromise));
}

TEST(NextStep, IsTheCustomersWhereItIsReadyForThem) {
  EXPECT_THAT(Steps(Row(Line(1, "acme", "DISPATCHED") + Leg("ups", 1, "READY_FOR_PICKUP", "last_leg: true"))),
              ElementsAre("the customer collects ups N1", kPromise));
}

constexpr char kCase[] = R"(cases { case_id: "C" owner: "ben" open: true
  owed { commitment_id: "p" kind: COMMITMENT_KIND_PROMISE text: "Saturday" due { seconds: 400 } }
  owed { commitment_id: "a" kind: COMMITMENT_KIND_NEXT_ACTION text: "call acme" due { seconds: 100 } }
  owed { commitment_id: "h" kind: COMMITMENT_KIND_HELP owed_by: "zoe" text: "look" due { seconds: 200 } }
  owed { commitment_id: "u" kind: COMMITMENT_KIND_NEXT_UPDATE due { seconds: 300 } } })";

TEST(NextStep, IsWhatWeOweAboutItsCases) {
  const v1::OrderRow row = Row(Line(1, "acme", "BACKORDERED"), kCase);
  EXPECT_THAT(Steps(row), ElementsAre("ben: ben does: \"call acme\" @100", "zoe: zoe helps: \"look\" @200",
                                      "ben: the customer hears from ben @300",
                                      "ben: ben has promised the customer: \"Saturday\" @400",
                                      "acme: vendor acme says when it has line 1 again", kPromise));
  v1::OrderView view = row.view();
  SetNextSteps(row, v1::AUDIENCE_STAFF, view);
  EXPECT_EQ(view.next_step().kind(), v1::NEXT_STEP_KIND_COMMITMENT);
  EXPECT_EQ(view.next_step().source(), v1::NEXT_STEP_SOURCE_CASE);
  EXPECT_EQ(view.next_step().stream(), "ownership/C");
  EXPECT_EQ(view.next_step().case_id(), "C");
  EXPECT_EQ(view.next_step().commitment_id(), "a");
}

TEST(NextStep, OfACompleteOrderIsWhatIsStillOwedOrComesBack) {
  const std::string done =
      Line(1, "acme", "DELIVERED") + Leg("ups", 1, "DELIVERED", "last_leg: true delivered_at { seconds: 50 }");
  EXPECT_THAT(Steps(Row(done, "", "COMPLETED")), ElementsAre());
  EXPECT_THAT(
      Steps(Row(done + Leg("dhl", 2, "IN_TRANSIT", "return_leg: true"), kCase, "COMPLETED")),
      ElementsAre("ben: ben does: \"call acme\" @100", "zoe: zoe helps: \"look\" @200",
                  "ben: the customer hears from ben @300", "ben: ben has promised the customer: \"Saturday\" @400",
                  "dhl: dhl N2 brings the return back to the sender"));
}

TEST(NextStep, ForTheCustomerNamesNobodyOfOursAndNoVendor) {
  EXPECT_THAT(
      Steps(Row(Line(1, "acme", "BACKORDERED", "expected_restock { seconds: 500 }") + Line(2, "acme", "DISPATCHED") +
                    Leg("ups", 1, "IN_TRANSIT", "last_leg: true eta { latest { seconds: 350 } }"),
                kCase),
            v1::AUDIENCE_CUSTOMER),
      ElementsAre("You hear from us @300", "ups: UPS delivers: Thing 1 @350", "We promised you: \"Saturday\" @400",
                  "In stock again: Thing 1 @500", "You have all of it, as we promised @900"));
}

}  // namespace
}  // namespace throughline::supplier

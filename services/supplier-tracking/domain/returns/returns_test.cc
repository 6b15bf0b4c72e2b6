// Returns of what was delivered.

#include "services/supplier-tracking/domain/returns/returns.h"

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "libs/runtime/domain/testing_given.h"
#include "services/supplier-tracking/domain/order.h"

namespace throughline::supplier {
namespace {

using runtime::testing::By;
using runtime::testing::FromText;
using runtime::testing::Given;

const runtime::Caller kAna = By("ana", common::v1::ROLE_REP);

// Three cups and a table, all delivered.
const std::vector<std::string>& Delivered() {
  static const auto* events = new std::vector<std::string>{
      R"(placed { order_id: "SO-1" customer_id: "c1" owner: "ana" promised_time { seconds: 1772800000 }
           lines { line_id: "1" sku: "cup" quantity: 3 vendor_id: "acme" }
           lines { line_id: "2" sku: "table" quantity: 1 vendor_id: "bolt" } })",
      R"(shipment_added { shipment: "shipment/ups/A/1" carrier: "ups" tracking_number: "A" epoch: 1 leg: 1
           last_leg: true line_ids: "1" line_ids: "2" })",
      R"(shipment_observed { shipment: "shipment/ups/A/1" shipment_version: 2 state: TRACKING_STATE_DELIVERED })",
      R"(shipment_delivered { shipment: "shipment/ups/A/1" at { seconds: 1772700000 } last_leg: true })",
      R"(completed { delivered_at { seconds: 1772700000 } in_time: true in_first_time: true })"};
  return *events;
}
std::vector<std::string> With(std::vector<std::string> more) {
  std::vector<std::string> events = Delivered();
  for (std::string& event : more) events.push_back(std::move(event));
  return events;
}
std::string Back(const std::string& number, const std::string& lines) {
  return absl::StrCat("shipment_added { shipment: \"shipment/ups/", number, "/1\" carrier: \"ups\" tracking_number: \"",
                      number, "\" epoch: 1 leg: 1 return_leg: true ", lines, " }");
}
std::string Seen(const std::string& number, int version, const std::string& state) {
  return absl::StrCat("shipment: \"shipment/ups/", number, "/1\" shipment_version: ", version,
                      " state: TRACKING_STATE_", state, " state_since { seconds: 1772990000 }");
}
ObserveShipment Seeing(const std::string& text) { return {FromText<v1::ShipmentObserved>(text)}; }
constexpr char kAllCups[] = R"(line_ids: "1")";
constexpr char kOneCup[] = R"(line_ids: "1" quantities { line_id: "1" quantity: 1 })";

TEST(Returns, ALineIsReturningAndThenReturned) {
  Given<Order>(Delivered())
      .When(AddShipment{FromText<v1::AddShipmentRequest>(
                            R"(carrier: "ups" tracking_number: "R" return_leg: true line_ids: "1")"),
                        {}},
            kAna)
      .Then({Back("R", kAllCups)})
      .AndState([](const v1::OrderState& state) {
        EXPECT_EQ(state.lines(0).status(), v1::LINE_STATUS_RETURNING);
        EXPECT_EQ(state.lines(1).status(), v1::LINE_STATUS_DELIVERED);
        EXPECT_TRUE(state.has_completed_at()) << "it was complete, and when stays known";
      });
  Given<Order>(With({Back("R", kAllCups)}))
      .When(Seeing(Seen("R", 4, "RETURNED")), kAna)
      .Then({"shipment_observed {" + Seen("R", 4, "RETURNED") + "}",
             R"(shipment_returned { shipment: "shipment/ups/R/1" at { seconds: 1772990000 }
                                    quantities { line_id: "1" quantity: 3 } })"})
      .AndState([](const v1::OrderState& state) {
        EXPECT_EQ(state.lines(0).status(), v1::LINE_STATUS_RETURNED);
        EXPECT_EQ(ReturnedOf(state, state.lines(0)), 3U);
        EXPECT_FALSE(state.at_risk());
      });
}

TEST(Returns, AreAllThatCanBeAddedToACompleteOrder) {
  Given<Order>(Delivered())
      .When(AddShipment{FromText<v1::AddShipmentRequest>(R"(carrier: "ups" tracking_number: "Y")"), {}}, kAna)
      .ThenRefused(absl::StatusCode::kFailedPrecondition, "only a return");
}

TEST(Returns, OfAPartLeaveTheRestDelivered) {
  const std::string back = R"(shipment_returned { shipment: "shipment/ups/R/1" at { seconds: 1772990000 } })";
  const v1::OrderState state = Given<Order>(With({Back("R", kOneCup), back})).state();
  EXPECT_EQ(state.lines(0).status(), v1::LINE_STATUS_DELIVERED);
  EXPECT_EQ(ReturnedOf(state, state.lines(0)), 1U);
  const v1::OrderState more = Given<Order>(With({Back("R", kOneCup), back, Back("S", kOneCup)})).state();
  EXPECT_EQ(more.lines(0).status(), v1::LINE_STATUS_RETURNING);
}

TEST(Returns, AreSaidOnceAndTakenBackWithTheReport) {
  const std::string seen = Seen("R", 4, "RETURNED");
  const std::vector<std::string> back =
      With({Back("R", kAllCups), "shipment_observed {" + seen + "}",
            R"(shipment_returned { shipment: "shipment/ups/R/1" at { seconds: 1772990000 } })"});
  Given<Order>(back).When(Seeing(Seen("R", 5, "RETURNED")), kAna).Then({});
  Given<Order>(back)
      .When(Seeing(Seen("R", 5, "RETURNING")), kAna)
      .Then({"shipment_observed {" + Seen("R", 5, "RETURNING") + "}"})
      .AndState([](const v1::OrderState& state) { EXPECT_EQ(state.lines(0).status(), v1::LINE_STATUS_RETURNING); });
}

TEST(Returns, ALostOrCancelledOneBringsNothingBack) {
  for (const char* state : {"LOST_OR_DAMAGED", "CANCELLED"}) {
    Given<Order>(With({Back("R", kAllCups)}))
        .When(Seeing(Seen("R", 4, state)), kAna)
        .Then({"shipment_observed {" + Seen("R", 4, state) + "}"})
        .AndState([&](const v1::OrderState& after) {
          EXPECT_EQ(after.lines(0).status(), v1::LINE_STATUS_DELIVERED) << state;
          EXPECT_FALSE(after.at_risk()) << state;
        });
  }
}

TEST(Returns, AReturnOfWhatNeverArrivedDoesNotCompleteIt) {
  const v1::OrderState state = Given<Order>({Delivered()[0], Delivered()[1], Back("R", kAllCups)}).state();
  EXPECT_EQ(state.lines(0).status(), v1::LINE_STATUS_ORDERED);
}

}  // namespace
}  // namespace throughline::supplier

// What staff and customers read of an order whose lines come in parts.

#include <gmock/gmock.h>

#include "services/supplier-tracking/projections/order/show_order.h"
#include "services/supplier-tracking/service_under_test.h"

namespace throughline::supplier {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

std::vector<std::string> StepsOf(const v1::OrderView& view) {
  std::vector<std::string> steps{view.next_step().text()};
  for (const v1::NextStep& step : view.later_steps()) steps.push_back(step.text());
  return steps;
}

TEST(PartialShipments, AreShownToStaffAndCustomers) {
  ServiceUnderTest service;
  ASSERT_TRUE(service.Place("SO-1", kOrder).ok());  // of line 2 two
  ASSERT_TRUE(service
                  .VendorUpdate("SO-1", "bolt",
                                R"(dispatched { carrier: "ups" tracking_number: "1Z"
                                     quantities { line_id: "2" quantity: 1 } })")
                  .ok());
  const v1::OrderView sent = service.View("SO-1");
  EXPECT_EQ(sent.lines(1).status(), v1::LINE_STATUS_ACKNOWLEDGED);
  EXPECT_EQ(sent.lines(1).quantity_sent(), 1U);
  EXPECT_EQ(sent.shipments(0).quantities(0).quantity(), 1U);
  EXPECT_THAT(StepsOf(sent), Contains("vendor bolt says when it sends 1 of line 2"));
  EXPECT_THAT(Find(service.Trace("SO-1"), "VendorDispatched")->text(), HasSubstr("has sent 1 of line 2 by ups 1Z"));

  ASSERT_TRUE(service.Push(Scan("ups", "1Z", "DELIVERED", absl::ToUnixSeconds(service.now()))).ok());
  const v1::OrderView here = service.View("SO-1");
  EXPECT_EQ(here.lines(1).quantity_delivered(), 1U);
  EXPECT_EQ(here.status(), v1::ORDER_STATUS_OPEN);
  EXPECT_THAT(Find(service.Trace("SO-1"), "ShipmentDelivered")->text(), HasSubstr(", 1 of 2 of line 2"));

  v1::TraceOrderRequest request;
  request.set_order_id("SO-1");
  request.set_audience(v1::AUDIENCE_CUSTOMER);
  const auto theirs = TraceOrder(service.reader(), request, {}, "");
  ASSERT_TRUE(theirs.ok()) << theirs.status();
  EXPECT_EQ(theirs->order().lines(1).quantity_delivered(), 1U);
  std::vector<std::string> texts;
  for (const v1::TraceEntry& entry : theirs->entries()) texts.push_back(entry.text());
  EXPECT_THAT(texts, Contains("A shipment has arrived: 1 of 2 bulb"));
  EXPECT_THAT(texts, Contains("Sent with UPS, tracking number 1Z: 1 of 2 bulb"));
  EXPECT_THAT(StepsOf(theirs->order()), Contains("It is sent: 1 of 2 bulb"));
}

TEST(PartialShipments, ShowThePresentCauseOfARisk) {
  ServiceUnderTest service;
  ASSERT_TRUE(service.Place("SO-1", kOrder).ok());
  ASSERT_TRUE(service.VendorUpdate("SO-1", "bolt", "backordered {}").ok());
  EXPECT_EQ(service.View("SO-1").at_risk_cause(), "vendor bolt: line 2 backordered, restock unknown");
  ASSERT_TRUE(service.VendorUpdate("SO-1", "bolt", R"(dispatched { carrier: "ups" tracking_number: "1Z" })").ok());
  EXPECT_TRUE(service.View("SO-1").at_risk()) << "a dispatch without a date";
  EXPECT_EQ(service.View("SO-1").at_risk_cause(), "vendor bolt: line 2 on the way, arrival unknown");
  ASSERT_TRUE(service
                  .Push(absl::StrCat(Scan("ups", "1Z", "IN_TRANSIT", absl::ToUnixSeconds(service.now())),
                                     " eta { latest { seconds: 1772600000 } }"))
                  .ok());
  EXPECT_FALSE(service.View("SO-1").at_risk()) << "the carrier's date is in time";
  EXPECT_FALSE(service.View("SO-1").has_at_risk_cause());
}

}  // namespace
}  // namespace throughline::supplier

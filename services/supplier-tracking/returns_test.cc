// What is read of an order that goes back, also under the number of the way out.

#include <gmock/gmock.h>

#include "services/supplier-tracking/service_under_test.h"

namespace throughline::supplier {
namespace {

using ::testing::HasSubstr;

constexpr char kKettle[] = R"(customer_id: "c1" promised_time { seconds: 1772625600 }
  lines { line_id: "1" sku: "K" description: "Kettle" quantity: 1 vendor_id: "acme" }
  lines { line_id: "2" sku: "C" description: "Cups" quantity: 2 vendor_id: "acme" })";

TEST(OrderReturns, TakeTheOrderOutOfComplete) {
  ServiceUnderTest service;
  ASSERT_TRUE(service.Place("SO-1", kKettle).ok());
  ASSERT_TRUE(service.Add("SO-1", R"(carrier: "ups" tracking_number: "1Z")").ok());
  ASSERT_TRUE(service.Push(Scan("ups", "1Z", "DELIVERED", absl::ToUnixSeconds(service.now()))).ok());
  ASSERT_EQ(service.View("SO-1").status(), v1::ORDER_STATUS_COMPLETED);
  service.Pass(absl::Hours(24));
  // The carrier gives the return the same number.
  ASSERT_TRUE(service.Add("SO-1", R"(carrier: "ups" tracking_number: "1Z" return_leg: true line_ids: "1")").ok());
  v1::OrderView view = service.View("SO-1");
  ASSERT_EQ(view.shipments_size(), 2);
  EXPECT_EQ(view.lines(0).status(), v1::LINE_STATUS_RETURNING);
  EXPECT_EQ(view.next_step().kind(), v1::NEXT_STEP_KIND_PICKUP);
  service.Pass(absl::Hours(24));
  ASSERT_TRUE(service.Push(Scan("ups", "1Z", "DELIVERED", absl::ToUnixSeconds(service.now()))).ok());
  view = service.View("SO-1");
  EXPECT_EQ(view.status(), v1::ORDER_STATUS_PARTLY_RETURNED);
  EXPECT_EQ(view.lines(0).status(), v1::LINE_STATUS_RETURNED);
  EXPECT_EQ(view.lines(0).quantity_returned(), 1U);
  EXPECT_TRUE(view.has_completed_at());
  EXPECT_FALSE(view.at_risk());
  EXPECT_THAT(Find(service.Trace("SO-1"), "ShipmentReturned")->text(), HasSubstr("1 of line 1"));

  v1::TraceOrderRequest request;
  request.set_order_id("SO-1");
  request.set_audience(v1::AUDIENCE_CUSTOMER);
  const auto theirs = TraceOrder(service.reader(), request, {}, "");
  ASSERT_TRUE(theirs.ok()) << theirs.status();
  EXPECT_EQ(Find({theirs->entries().begin(), theirs->entries().end()}, "ShipmentReturned")->text(),
            "Your return is back with us: Kettle");
  EXPECT_EQ(theirs->order().lines(0).quantity_returned(), 1U);

  ASSERT_TRUE(service.Add("SO-1", R"(carrier: "ups" tracking_number: "1Y" return_leg: true line_ids: "2")").ok());
  ASSERT_TRUE(service.Push(Scan("ups", "1Y", "RETURNED", absl::ToUnixSeconds(service.now()))).ok());
  EXPECT_EQ(service.View("SO-1").status(), v1::ORDER_STATUS_RETURNED);
  EXPECT_EQ(service.LiveRows(), service.RebuiltRows(3));
}

}  // namespace
}  // namespace throughline::supplier

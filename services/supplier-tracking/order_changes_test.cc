// What is read of an order that was amended or cancelled, and its timer.

#include <gmock/gmock.h>

#include "services/supplier-tracking/projections/order/show_order.h"
#include "services/supplier-tracking/projections/tables.h"
#include "services/supplier-tracking/service_under_test.h"

namespace throughline::supplier {
namespace {

using runtime::testing::FromText;
using ::testing::HasSubstr;

template <typename Request>
absl::Status Change(ServiceUnderTest& service, const std::string& text) {
  auto request = FromText<Request>(text);
  request.set_order_id("SO-1");
  return service.Give<Order>("SO-1", request, service.By("ana", common::v1::ROLE_REP)).status();
}

TEST(OrderChanges, TheTraceHasThePromiseOfItsTime) {
  ServiceUnderTest service;
  ASSERT_TRUE(service.Place("SO-1", kOrder).ok());
  service.Pass(absl::Hours(1));
  ASSERT_TRUE(service.VendorUpdate("SO-1", "acme", "acknowledged {}").ok());
  service.Pass(absl::Hours(1));
  ASSERT_TRUE(
      Change<v1::AmendOrderRequest>(service, R"(promised_time { seconds: 1772700000 } reason: "Mira is away")").ok());
  const auto trace = service.Trace("SO-1");
  EXPECT_EQ(Find(trace, "VendorAcknowledged")->promised_time().seconds(), 1772625600);
  const v1::TraceEntry& amended = *Find(trace, "OrderAmended");
  EXPECT_EQ(amended.promised_time().seconds(), 1772700000);
  EXPECT_EQ(amended.effect().promise().before().seconds(), 1772625600);
  EXPECT_THAT(amended.text(), HasSubstr("because: Mira is away"));
  EXPECT_EQ(amended.by(), "ana");
  const v1::OrderView view = service.View("SO-1");
  EXPECT_EQ(view.promised_time().seconds(), 1772700000);
  EXPECT_EQ(view.first_promised_time().seconds(), 1772625600);
  EXPECT_EQ(service.LiveRows(), service.RebuiltRows(7));
}

TEST(OrderChanges, ThePresentPromiseIsTheOneThatPasses) {
  ServiceUnderTest service;
  ASSERT_TRUE(service.Place("SO-1", kOrder).ok());
  ASSERT_TRUE(Change<v1::AmendOrderRequest>(service, R"(promised_time { seconds: 1772700000 } reason: "r")").ok());
  service.Pass(absl::FromUnixSeconds(1772650000) - service.now());
  EXPECT_FALSE(service.View("SO-1").overdue()) << "the first promise has passed";
  service.Pass(absl::FromUnixSeconds(1772700001) - service.now());
  EXPECT_TRUE(service.View("SO-1").overdue());
  EXPECT_TRUE(service.View("SO-1").at_risk());
}

TEST(OrderChanges, AnotherZoneIsThatOfTheShipments) {
  ServiceUnderTest service;
  ASSERT_TRUE(service.Place("SO-1", kOrder).ok());
  ASSERT_TRUE(service.Add("SO-1", R"(carrier: "ups" tracking_number: "1Z")").ok());
  ASSERT_TRUE(Change<v1::AmendOrderRequest>(service, R"(destination_zone: "Asia/Tokyo" reason: "moved")").ok());
  EXPECT_EQ(service.View("SO-1").destination_zone(), "Asia/Tokyo");
  EXPECT_EQ(kShipments.Get(service.reader(), "ups", "1Z", 1)->destination_zone(), "Asia/Tokyo");
}

TEST(OrderChanges, ACancelledOrderIsOver) {
  ServiceUnderTest service;
  ASSERT_TRUE(service.Place("SO-1", kOrder).ok());
  ASSERT_TRUE(service.VendorUpdate("SO-1", "acme", "backordered {}").ok());
  ASSERT_TRUE(service.View("SO-1").at_risk());
  ASSERT_TRUE(Change<v1::CancelLinesRequest>(service, R"(reason: "the SECRET reason")").ok());
  const v1::OrderView view = service.View("SO-1");
  EXPECT_EQ(view.status(), v1::ORDER_STATUS_CANCELLED);
  EXPECT_TRUE(view.has_cancelled_at());
  EXPECT_FALSE(view.at_risk());
  EXPECT_FALSE(view.has_next_step());
  service.Pass(absl::Hours(24 * 10));
  EXPECT_FALSE(service.View("SO-1").overdue());
  v1::TraceOrderRequest request;
  request.set_order_id("SO-1");
  request.set_audience(v1::AUDIENCE_CUSTOMER);
  const auto theirs = TraceOrder(service.reader(), request, {}, "");
  ASSERT_TRUE(theirs.ok()) << theirs.status();
  EXPECT_EQ(Find({theirs->entries().begin(), theirs->entries().end()}, "LinesCancelled")->text(),
            "Cancelled: everything");
  EXPECT_EQ(Find({theirs->entries().begin(), theirs->entries().end()}, "OrderCancelled")->text(),
            "Your order is cancelled");
}

}  // namespace
}  // namespace throughline::supplier

// Fewer than ordered, lines in parts, and other articles: what staff and the customer see.

#include "services/supplier-tracking/projections/vendors/vendor_words.h"

#include <gmock/gmock.h>

#include "services/supplier-tracking/service_under_test.h"

namespace throughline::supplier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kCups[] = R"(customer_id: "c1" promised_time { seconds: 1772625600 } destination_zone: "Europe/Berlin"
  lines { line_id: "1" sku: "cup" description: "Cups" quantity: 3 vendor_id: "acme" }
  lines { line_id: "2" sku: "bulb" description: "Bulb" quantity: 1 vendor_id: "bolt" })";

absl::Status Amend(ServiceUnderTest& service, const std::string& change) {
  return service
      .Give<Order>("SO-1",
                   runtime::testing::FromText<v1::AmendOrderRequest>("order_id: \"SO-1\" reason: \"r\" " + change),
                   service.By("ana", common::v1::ROLE_REP))
      .status();
}

v1::TraceOrderResponse ForCustomer(ServiceUnderTest& service) {
  v1::TraceOrderRequest request;
  request.set_order_id("SO-1");
  request.set_audience(v1::AUDIENCE_CUSTOMER);
  auto shown = TraceOrder(service.reader(), request);
  EXPECT_TRUE(shown.ok()) << shown.status();
  if (!shown.ok()) return {};
  EXPECT_THAT(shown->ShortDebugString(), Not(HasSubstr("SECRET")));
  EXPECT_THAT(shown->ShortDebugString(), Not(HasSubstr("acme")));
  return *std::move(shown);
}
std::vector<std::string> Texts(const v1::TraceOrderResponse& trace) {
  std::vector<std::string> texts;
  for (const v1::TraceEntry& entry : trace.entries()) texts.push_back(entry.text());
  return texts;
}

TEST(VendorWords, WhatIsMissingIsSeenWithWhoSeesToIt) {
  ServiceUnderTest service;
  ASSERT_TRUE(service.Place("SO-1", kCups).ok());
  service.Pass(absl::Minutes(1));
  ASSERT_TRUE(
      service
          .VendorUpdate("SO-1", "acme", R"(short_shipped { reason: "SECRET" quantities { line_id: "1" quantity: 1 } })")
          .ok());
  const v1::OrderView view = service.View("SO-1");
  EXPECT_EQ(view.lines(0).status(), v1::LINE_STATUS_SHORT_SHIPPED);
  EXPECT_EQ(view.lines(0).quantity_short(), 1U);
  EXPECT_EQ(view.next_step().kind(), v1::NEXT_STEP_KIND_CLARIFICATION);
  std::vector<std::string> steps;
  for (const auto& step : view.later_steps()) steps.push_back(step.text());
  EXPECT_THAT(steps, ::testing::Contains("sam gets 1 of line 1 elsewhere, or cancels it"));
  const auto trace = service.Trace("SO-1");
  const v1::TraceEntry& told = *Find(trace, "VendorShortShipped");
  EXPECT_EQ(told.text(), "vendor acme does not send 1 of line 1, does not say when it comes: SECRET");
  EXPECT_EQ(told.vendor_id(), "acme");
  const auto shown = ForCustomer(service);
  EXPECT_THAT(Texts(shown), ::testing::Contains("Not all of it can be sent; missing: 1 of 3 Cups; we do not know yet "
                                                "when it comes"));
  EXPECT_EQ(shown.order().lines(0).quantity_short(), 1U);
  // All that was in a parcel, and was not.
  ASSERT_TRUE(service.VendorUpdate("SO-1", "acme", R"(dispatched { carrier: "ups" tracking_number: "1Z" })").ok());
  EXPECT_EQ(service.View("SO-1").lines(0).quantity_sent(), 2U);
  EXPECT_EQ(service.RebuiltRows(3), service.LiveRows());
}

TEST(VendorWords, TheCustomerReadsOfTheParts) {
  ServiceUnderTest service;
  ASSERT_TRUE(service.Place("SO-1", kCups).ok());
  service.Pass(absl::Minutes(1));
  ASSERT_TRUE(service
                  .VendorUpdate("SO-1", "acme",
                                R"(line_ids: "1" split { reason: "SECRET"
                                     parts { quantity: 2 expected_dispatch { seconds: 1772452800 } }
                                     parts { quantity: 1 expected_dispatch { seconds: 1772539200 } } })")
                  .ok());
  const v1::OrderView view = service.View("SO-1");
  ASSERT_EQ(view.lines_size(), 3);
  EXPECT_EQ(view.lines(0).line().quantity(), 2U);
  EXPECT_EQ(view.lines(2).line().line_id(), "1.2");
  EXPECT_EQ(view.lines(2).line().part_of(), "1");
  EXPECT_EQ(view.lines(2).line().quantity(), 1U);
  EXPECT_EQ(view.lines(2).status(), v1::LINE_STATUS_ACKNOWLEDGED);
  const auto trace = service.Trace("SO-1");
  const v1::TraceEntry& told = *Find(trace, "VendorSplit");
  EXPECT_EQ(told.text(),
            "vendor acme sends line 1 in 2 parts: 2 as line 1, sent 2026-03-02 12:00 UTC; 1 as line 1.2, sent "
            "2026-03-03 12:00 UTC: SECRET");
  EXPECT_THAT(told.line_ids(), ElementsAre("1", "1.2"));
  ASSERT_TRUE(
      service.VendorUpdate("SO-1", "acme", R"(line_ids: "1.2" dispatched { carrier: "ups" tracking_number: "1Z" })")
          .ok());
  const auto shown = ForCustomer(service);
  EXPECT_THAT(Texts(shown), ::testing::IsSupersetOf({"Comes in 2 parts: Cups: 2 sent 2026-03-02 13:00 Europe/Berlin, "
                                                     "then 1 sent 2026-03-03 13:00 Europe/Berlin",
                                                     "Sent with UPS, tracking number 1Z: Cups (part 2)"}));
  EXPECT_EQ(service.RebuiltRows(4), service.LiveRows());
}

TEST(VendorWords, TheCustomerIsAskedAboutAnOffer) {
  ServiceUnderTest service;
  ASSERT_TRUE(service.Place("SO-1", kCups).ok());
  service.Pass(absl::Minutes(1));
  ASSERT_TRUE(service
                  .VendorUpdate("SO-1", "acme",
                                R"(line_ids: "1" substituted { sku: "mug" description: "Mugs" reason: "SECRET" })")
                  .ok());
  v1::OrderView view = service.View("SO-1");
  EXPECT_EQ(view.lines(0).substitute().line_id(), "1.s1");
  EXPECT_EQ(view.lines(0).substitute().reason(), "SECRET");
  bool asks = false;
  for (const auto& step : view.later_steps()) {
    if (step.kind() != v1::NEXT_STEP_KIND_CUSTOMER_DECISION) continue;
    asks = true;
    EXPECT_EQ(step.text(), "sam asks the customer whether they take 3 of mug (Mugs) in place of line 1");
    EXPECT_EQ(step.party(), v1::NEXT_STEP_PARTY_STAFF);
    EXPECT_EQ(step.by(), "sam");
  }
  EXPECT_TRUE(asks);
  EXPECT_EQ(Find(service.Trace("SO-1"), "VendorSubstituted")->text(),
            "vendor acme offers 3 of mug (Mugs) in place of line 1, as line 1.s1: SECRET");
  auto shown = ForCustomer(service);
  EXPECT_EQ(shown.order().lines(0).substitute().description(), "Mugs");
  EXPECT_THAT(Texts(shown), ::testing::Contains("We can send you 3 Mugs instead of Cups, and ask you"));
  ASSERT_TRUE(Amend(service, R"(accepted_substitutes: "1.s1")").ok());
  view = service.View("SO-1");
  ASSERT_EQ(view.lines_size(), 3);
  EXPECT_EQ(view.lines(0).status(), v1::LINE_STATUS_CANCELLED);
  EXPECT_FALSE(view.lines(0).has_substitute());
  EXPECT_EQ(view.lines(2).line().substitutes(), "1");
  EXPECT_EQ(Find(service.Trace("SO-1"), "OrderAmended")->text(),
            "order changed: line 1.s1 added: 3 of mug, which the customer takes in place of line 1, because: r");
  EXPECT_THAT(Texts(ForCustomer(service)), ::testing::Contains("You take: Mugs"));
  EXPECT_EQ(service.RebuiltRows(5), service.LiveRows());
}

TEST(VendorWords, WhatTheCustomerDoesNotTakeIsToldAndLooksForAnotherWay) {
  ServiceUnderTest service;
  ASSERT_TRUE(service.Place("SO-1", kCups).ok());
  service.Pass(absl::Minutes(1));
  ASSERT_TRUE(service
                  .VendorUpdate("SO-1", "acme",
                                R"(line_ids: "1" substituted { sku: "mug" description: "Mugs" reason: "SECRET" })")
                  .ok());
  ASSERT_TRUE(Amend(service, R"(declined_substitutes: "1.s1")").ok());
  const v1::OrderView view = service.View("SO-1");
  EXPECT_EQ(view.lines(0).status(), v1::LINE_STATUS_REFUSED);
  EXPECT_EQ(view.next_step().text(),
            "sam finds out: the customer does not take mug in place of line 1, and vendor acme does not send what was "
            "ordered");
  EXPECT_THAT(Texts(ForCustomer(service)), ::testing::Contains("You do not take what we offered; we find another way"));
}

}  // namespace
}  // namespace throughline::supplier

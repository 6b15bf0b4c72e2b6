// A vendor sends fewer than were ordered, or refuses.

#include "services/supplier-tracking/domain/vendors/missing.h"

#include "services/supplier-tracking/domain/quantities.h"
#include "services/supplier-tracking/domain/vendors/testing_vendor.h"

namespace throughline::supplier {
namespace {

constexpr char kOneShort[] = R"(short_shipped { reason: "broken" quantities { line_id: "1" quantity: 1 } })";
constexpr v1::ConcernKind kShort = v1::CONCERN_KIND_SHORT_SHIPPED;

TEST(ShortShipped, WithoutADateTheRestIsUnknownAndAConcern) {
  VendorTelling telling;
  ASSERT_TRUE(telling.Tell(kOneShort).ok());
  EXPECT_EQ(telling.line().status(), v1::LINE_STATUS_SHORT_SHIPPED);
  EXPECT_EQ(MissingOf(telling.state(), telling.line()), 1U);
  EXPECT_TRUE(telling.state().at_risk());
  ASSERT_TRUE(telling.Has(kShort));
  EXPECT_EQ(telling.state().concerns(0).text(),
            "vendor acme does not send 1 of 3 of line 1, and does not say when it does");
  EXPECT_EQ(telling.state().concerns(0).since().seconds(), kNoonSeconds);
  ASSERT_TRUE(telling.Tell("acknowledged {}").ok());
  EXPECT_TRUE(telling.Has(kShort)) << "an acknowledgement without a date shows nothing";
  EXPECT_TRUE(telling.state().at_risk());
}

TEST(ShortShipped, ADateInItIsKnownAtOnce) {
  VendorTelling telling;
  ASSERT_TRUE(telling
                  .Tell(R"(short_shipped { reason: "broken" quantities { line_id: "1" quantity: 1 }
                           expected_restock { seconds: 1772700000 } })")
                  .ok());
  EXPECT_FALSE(telling.state().at_risk());
  EXPECT_FALSE(telling.Has(kShort));
  EXPECT_EQ(telling.state().eta().latest().seconds(), 1772700000);
}

TEST(ShortShipped, ALaterDateClearsIt) {
  VendorTelling telling;
  ASSERT_TRUE(telling.Tell(kOneShort).ok());
  ASSERT_TRUE(telling.Tell("backordered { expected_restock { seconds: 1772700000 } }").ok());
  EXPECT_FALSE(telling.Has(kShort));
  EXPECT_FALSE(telling.state().at_risk());
}

TEST(ShortShipped, OneThatWasOvertakenRaisesNothing) {
  VendorTelling telling;
  ASSERT_TRUE(telling.Tell("acknowledged { expected_dispatch { seconds: 1772700000 } }", kNoonSeconds - 100).ok());
  ASSERT_TRUE(telling.Tell(kOneShort, kNoonSeconds - 200).ok());
  EXPECT_EQ(telling.events().size(), 1U) << "it is part of the story";
  EXPECT_EQ(telling.line().status(), v1::LINE_STATUS_ACKNOWLEDGED);
  EXPECT_FALSE(telling.Has(kShort));
}

TEST(ShortShipped, TheDispatchOfTheRestClearsItAndOneOfTheOthersDoesNot) {
  VendorTelling telling;
  ASSERT_TRUE(telling.Tell(kOneShort).ok());
  ASSERT_TRUE(telling.Tell(R"(dispatched { carrier: "ups" tracking_number: "A" })").ok());
  EXPECT_EQ(SentOf(telling.state(), telling.line()), 2U) << "it does not say how many: not what is missing";
  EXPECT_TRUE(telling.Has(kShort));
  ASSERT_TRUE(telling.Tell(R"(dispatched { carrier: "ups" tracking_number: "A" })").ok());
  EXPECT_TRUE(telling.events().empty()) << "the same again";
  ASSERT_TRUE(telling.Tell(R"(dispatched { carrier: "ups" tracking_number: "B" })").ok());
  EXPECT_EQ(SentOf(telling.state(), telling.line()), 3U);
  EXPECT_EQ(telling.line().status(), v1::LINE_STATUS_DISPATCHED);
  EXPECT_FALSE(telling.Has(kShort));
}

TEST(ShortShipped, AfterADispatchOfEverythingItIsNotInThatShipment) {
  VendorTelling telling;
  ASSERT_TRUE(telling.Tell(R"(dispatched { carrier: "ups" tracking_number: "A" })").ok());
  ASSERT_EQ(telling.line().status(), v1::LINE_STATUS_DISPATCHED);
  ASSERT_TRUE(telling.Tell(kOneShort, kNoonSeconds).ok());
  EXPECT_EQ(telling.line().status(), v1::LINE_STATUS_SHORT_SHIPPED);
  EXPECT_EQ(CarriedBy(telling.state(), telling.state().shipments(0), telling.line()), 2U);
  EXPECT_TRUE(telling.Has(kShort));
  VendorTelling all;
  ASSERT_TRUE(all.Tell(R"(dispatched { carrier: "ups" tracking_number: "A" })").ok());
  ASSERT_TRUE(all.Tell(R"(short_shipped { reason: "lost" quantities { line_id: "1" quantity: 3 } })").ok());
  EXPECT_TRUE(all.state().shipments(0).line_ids().empty());
  EXPECT_EQ(SentOf(all.state(), all.line()), 0U);
}

TEST(ShortShipped, MoreThanIsLeftIsRefused) {
  VendorTelling telling;
  ASSERT_TRUE(
      telling.Tell(R"(dispatched { carrier: "ups" tracking_number: "A" quantities { line_id: "1" quantity: 2 } })")
          .ok());
  const absl::Status refused = telling.Tell(R"(short_shipped { reason: "r" quantities { line_id: "1" quantity: 2 } })");
  EXPECT_EQ(runtime::ReasonOf(refused), "LINE_DISPATCHED");
  EXPECT_NE(std::string(refused.message()).find("2 of 3 are sent"), std::string::npos) << refused;
  EXPECT_EQ(runtime::BadFieldsOf(telling.Tell("short_shipped {}")),
            (std::vector<std::string>{"short_shipped.quantities", "short_shipped.reason"}));
  EXPECT_EQ(
      runtime::BadFieldsOf(telling.Tell(R"(short_shipped { reason: "r" quantities { line_id: "2" quantity: 1 } })")),
      std::vector<std::string>{"short_shipped.quantities[0].line_id"})
      << "another vendor's";
}

TEST(ShortShipped, WhatIsCancelledIsNotMissing) {
  VendorTelling telling;
  ASSERT_TRUE(telling.Tell(kOneShort).ok());
  ASSERT_TRUE(telling.Cancel(R"(quantities { line_id: "1" quantity: 1 })").ok());
  EXPECT_EQ(telling.line().status(), v1::LINE_STATUS_ACKNOWLEDGED);
  EXPECT_EQ(telling.line().quantity(), 2U);
  EXPECT_FALSE(telling.Has(kShort));
  EXPECT_FALSE(telling.state().at_risk());
  VendorTelling sent;
  ASSERT_TRUE(sent.Tell(kOneShort).ok());
  ASSERT_TRUE(sent.Tell(R"(dispatched { carrier: "ups" tracking_number: "A" })").ok());
  ASSERT_TRUE(sent.Cancel(R"(quantities { line_id: "1" quantity: 1 })").ok());
  EXPECT_EQ(sent.line().status(), v1::LINE_STATUS_DISPATCHED);
  EXPECT_FALSE(sent.Has(kShort));
}

TEST(ShortShipped, ADispatchWithoutNamesLeavesOutWhatIsMissingAltogether) {
  VendorTelling telling;
  ASSERT_TRUE(telling.Amend(R"(added_lines { line_id: "3" sku: "saucer" quantity: 3 vendor_id: "acme" })").ok());
  ASSERT_TRUE(telling.Tell(R"(short_shipped { reason: "r" quantities { line_id: "1" quantity: 3 } })").ok());
  ASSERT_TRUE(telling.Tell(R"(dispatched { carrier: "ups" tracking_number: "A" })").ok());
  EXPECT_EQ(telling.line("3").status(), v1::LINE_STATUS_DISPATCHED);
  EXPECT_EQ(telling.line("1").status(), v1::LINE_STATUS_SHORT_SHIPPED);
  EXPECT_TRUE(telling.Has(kShort));
}

TEST(Refused, IsAConcernUntilItIsSettled) {
  VendorTelling telling;
  ASSERT_TRUE(telling.Tell(R"(refused { reason: "discontinued" })").ok());
  EXPECT_TRUE(telling.Has(v1::CONCERN_KIND_REFUSED));
  ASSERT_TRUE(telling.Tell("acknowledged {}").ok());
  EXPECT_TRUE(telling.Has(v1::CONCERN_KIND_REFUSED)) << "without a date nothing is known";
  ASSERT_TRUE(telling.Tell("acknowledged { expected_dispatch { seconds: 1772700000 } }").ok());
  EXPECT_FALSE(telling.Has(v1::CONCERN_KIND_REFUSED));
  ASSERT_TRUE(telling.Tell(R"(refused { reason: "discontinued" })", kNoonSeconds).ok());
  EXPECT_TRUE(telling.Tell(R"(line_ids: "1" refused { reason: "again" })", kNoonSeconds).ok());
  EXPECT_TRUE(telling.Has(v1::CONCERN_KIND_REFUSED)) << "another statement is other evidence";
  ASSERT_TRUE(telling.Cancel(R"(line_ids: "1")").ok());
  EXPECT_FALSE(telling.Has(v1::CONCERN_KIND_REFUSED));
}

}  // namespace
}  // namespace throughline::supplier

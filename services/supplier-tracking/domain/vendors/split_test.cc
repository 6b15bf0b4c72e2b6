// A vendor sends a line in parts.

#include "services/supplier-tracking/domain/vendors/testing_vendor.h"

namespace throughline::supplier {
namespace {

constexpr char kInTwo[] = R"(line_ids: "1" split { reason: "two machines"
  parts { quantity: 2 expected_dispatch { seconds: 1772500000 } }
  parts { quantity: 1 expected_dispatch { seconds: 1772600000 } } })";

TEST(Split, MakesALineOfEachPartWithItsOwnDate) {
  VendorTelling telling;
  ASSERT_TRUE(telling.Tell(kInTwo).ok());
  EXPECT_EQ(telling.line("1").quantity(), 2U);
  EXPECT_EQ(telling.line("1").expected_dispatch().seconds(), 1772500000);
  EXPECT_EQ(telling.line("1.2").quantity(), 1U);
  EXPECT_EQ(telling.line("1.2").part_of(), "1");
  EXPECT_EQ(telling.line("1.2").sku(), "cup");
  EXPECT_EQ(telling.line("1.2").vendor_id(), "acme");
  EXPECT_EQ(telling.line("1.2").expected_dispatch().seconds(), 1772600000);
  EXPECT_EQ(telling.state().eta().latest().seconds(), 1772600000) << "the later part is the order's";
}

TEST(Split, TheSameAgainHasNoEffect) {
  VendorTelling telling;
  ASSERT_TRUE(telling.Tell(kInTwo).ok());
  ASSERT_TRUE(telling.Tell(kInTwo).ok());
  EXPECT_TRUE(telling.events().empty());
  ASSERT_TRUE(telling.Tell(kInTwo, kNoonSeconds - 500).ok());
  EXPECT_TRUE(telling.events().empty()) << "whatever its time";
  EXPECT_EQ(telling.state().lines_size(), 3);
}

TEST(Split, StaysWhateverWasSaidLater) {
  VendorTelling telling;
  ASSERT_TRUE(telling.Tell("acknowledged { expected_dispatch { seconds: 1772400000 } }", kNoonSeconds - 100).ok());
  ASSERT_TRUE(telling.Tell(kInTwo, kNoonSeconds - 200).ok());
  EXPECT_EQ(telling.line("1").quantity(), 2U);
  EXPECT_EQ(telling.line("1.2").quantity(), 1U);
  EXPECT_EQ(telling.line("1").expected_dispatch().seconds(), 1772400000) << "its date is older";
}

TEST(Split, MakesUpWhatIsLeft) {
  VendorTelling telling;
  EXPECT_EQ(
      runtime::BadFieldsOf(telling.Tell(R"(line_ids: "1" split { parts { quantity: 1 } parts { quantity: 1 } })")),
      std::vector<std::string>{"split.parts"});
  EXPECT_EQ(runtime::BadFieldsOf(telling.Tell(R"(split { parts { quantity: 3 } parts {} })")),
            (std::vector<std::string>{"line_ids", "split.parts[1].quantity"}));
  ASSERT_TRUE(
      telling.Tell(R"(dispatched { carrier: "ups" tracking_number: "A" quantities { line_id: "1" quantity: 1 } })")
          .ok());
  ASSERT_TRUE(telling.Tell(R"(line_ids: "1" split { parts { quantity: 1 } parts { quantity: 1 } })").ok());
  EXPECT_EQ(telling.line("1").quantity(), 2U) << "what was sent stays with the first part";
  EXPECT_EQ(telling.line("1.2").quantity(), 1U);
  EXPECT_EQ(runtime::ReasonOf(telling.Tell(R"(line_ids: "1" split { parts { quantity: 2 } parts { quantity: 1 } })")),
            "LINE_DISPATCHED")
      << "one is left";
}

TEST(Split, APartIsSplitAgainAndIsAPartOfWhatWasOrdered) {
  VendorTelling telling;
  ASSERT_TRUE(telling.Tell(R"(line_ids: "1" split { parts { quantity: 1 } parts { quantity: 2 } })").ok());
  ASSERT_TRUE(telling.Tell(R"(line_ids: "1.2" split { parts { quantity: 1 } parts { quantity: 1 } })").ok());
  EXPECT_EQ(telling.line("1.3").part_of(), "1");
  uint32_t all = 0;
  for (const auto& line : telling.state().lines()) {
    if (line.vendor_id() == "acme") all += line.quantity();
  }
  EXPECT_EQ(all, 3U);
}

TEST(Split, APartWithoutADateIsKnownAsLittleAsTheLineWas) {
  VendorTelling telling;
  ASSERT_TRUE(telling.Tell("backordered {}").ok());
  ASSERT_TRUE(telling
                  .Tell(R"(line_ids: "1" split { parts { quantity: 2 expected_dispatch { seconds: 1772500000 } }
                                                  parts { quantity: 1 } })")
                  .ok());
  EXPECT_FALSE(telling.line("1").unknown());
  EXPECT_TRUE(telling.line("1.2").unknown());
  EXPECT_EQ(telling.line("1.2").status(), v1::LINE_STATUS_BACKORDERED);
  EXPECT_TRUE(telling.state().at_risk());
}

TEST(Split, APartHasNothingOfAnOfferForTheLine) {
  VendorTelling telling;
  ASSERT_TRUE(telling.Tell("acknowledged { expected_dispatch { seconds: 1772500000 } }", kNoonSeconds - 200).ok());
  ASSERT_TRUE(
      telling.Tell(R"(line_ids: "1" substituted { sku: "mug" description: "Mug" reason: "r" })", kNoonSeconds - 100)
          .ok());
  ASSERT_TRUE(telling.Tell(R"(line_ids: "1" split { parts { quantity: 2 } parts { quantity: 1 } })").ok());
  ASSERT_NE(OfferFor(telling.line("1")), nullptr);
  EXPECT_EQ(OfferFor(telling.line("1"))->quantity(), 2U);
  EXPECT_EQ(OfferFor(telling.line("1.2")), nullptr);
  EXPECT_EQ(telling.line("1.2").status(), v1::LINE_STATUS_ACKNOWLEDGED);
  EXPECT_TRUE(telling.line("1.2").unknown()) << "as little as the line was";
  EXPECT_FALSE(telling.Has(v1::CONCERN_KIND_SUBSTITUTION, "line/1.2"));
  EXPECT_TRUE(telling.Has(v1::CONCERN_KIND_SUBSTITUTION));
}

TEST(Split, EachPartIsSentAndDeliveredOnItsOwn) {
  VendorTelling telling;
  ASSERT_TRUE(telling.Tell(kInTwo).ok());
  ASSERT_TRUE(telling.Tell(R"(line_ids: "1.2" dispatched { carrier: "ups" tracking_number: "B" })").ok());
  EXPECT_EQ(telling.line("1.2").status(), v1::LINE_STATUS_DISPATCHED);
  EXPECT_EQ(telling.line("1").status(), v1::LINE_STATUS_ACKNOWLEDGED);
}

TEST(Split, AnOrderIsNotPlacedWithParts) {
  v1::AmendOrderRequest request;
  VendorTelling telling;
  EXPECT_EQ(
      runtime::BadFieldsOf(telling.Amend(
          R"(added_lines { line_id: "9" sku: "x" quantity: 1 vendor_id: "acme" part_of: "1" substitutes: "1" })")),
      (std::vector<std::string>{"added_lines[0].part_of", "added_lines[0].substitutes"}));
}

}  // namespace
}  // namespace throughline::supplier

// A vendor offers another article; the customer decides.

#include "services/supplier-tracking/domain/vendors/substitutes.h"

#include "services/supplier-tracking/domain/quantities.h"
#include "services/supplier-tracking/domain/vendors/testing_vendor.h"

namespace throughline::supplier {
namespace {

constexpr v1::ConcernKind kOpen = v1::CONCERN_KIND_SUBSTITUTION;
constexpr char kMugs[] =
    R"(line_ids: "1" substituted { sku: "mug" description: "Mug" reason: "cups are no longer made" })";
constexpr char kTwoMugs[] = R"(line_ids: "1" substituted { sku: "mug" description: "Mug" quantity: 2 reason: "r"
                               expected_dispatch { seconds: 1772500000 } })";

TEST(Substitutes, AnOfferWaitsForTheCustomer) {
  VendorTelling telling;
  ASSERT_TRUE(telling.Tell(kMugs).ok());
  EXPECT_EQ(telling.line().status(), v1::LINE_STATUS_SUBSTITUTE_OFFERED);
  ASSERT_NE(OfferFor(telling.line()), nullptr);
  EXPECT_EQ(OfferFor(telling.line())->quantity(), 3U);
  EXPECT_EQ(OfferFor(telling.line())->line_id(), "1.s1");
  EXPECT_EQ(telling.state().lines_size(), 2) << "nothing is replaced yet";
  ASSERT_TRUE(telling.Has(kOpen));
  EXPECT_EQ(telling.state().concerns(0).text(),
            "vendor acme offers 3 of mug (Mug) in place of line 1: ask the customer");
  EXPECT_TRUE(telling.state().at_risk()) << "the cups do not come, and nobody knows what does";
  ASSERT_TRUE(telling.Tell(kMugs).ok());
  EXPECT_TRUE(telling.events().empty()) << "the same again";
}

TEST(Substitutes, TakenItIsALineAndTheOtherIsCancelled) {
  VendorTelling telling;
  ASSERT_TRUE(telling.Tell(kMugs).ok());
  ASSERT_TRUE(telling.Amend(R"(accepted_substitutes: "1.s1")").ok());
  EXPECT_EQ(telling.line("1").status(), v1::LINE_STATUS_CANCELLED);
  EXPECT_EQ(telling.line("1.s1").quantity(), 3U);
  EXPECT_EQ(telling.line("1.s1").sku(), "mug");
  EXPECT_EQ(telling.line("1.s1").substitutes(), "1");
  EXPECT_FALSE(telling.Has(kOpen));
  EXPECT_TRUE(telling.state().at_risk()) << "the mugs have no date either";
  ASSERT_TRUE(telling.Tell("acknowledged { expected_dispatch { seconds: 1772500000 } }").ok());
  EXPECT_FALSE(telling.state().at_risk());
  ASSERT_TRUE(telling.Amend(R"(accepted_substitutes: "1.s1")").ok());
  EXPECT_TRUE(telling.events().empty()) << "the same again";
  ASSERT_TRUE(telling.Tell(R"(line_ids: "1.s1" dispatched { carrier: "ups" tracking_number: "A" })").ok());
  EXPECT_EQ(telling.line("1.s1").status(), v1::LINE_STATUS_DISPATCHED);
}

TEST(Substitutes, APartIsTakenWithItsDate) {
  VendorTelling telling;
  ASSERT_TRUE(telling.Tell(R"(short_shipped { reason: "r" quantities { line_id: "1" quantity: 2 } })").ok());
  ASSERT_TRUE(telling.Tell(kTwoMugs).ok());
  EXPECT_TRUE(telling.Has(v1::CONCERN_KIND_SHORT_SHIPPED)) << "an offer sends nothing";
  ASSERT_TRUE(telling.Amend(R"(accepted_substitutes: "1.s1")").ok());
  EXPECT_EQ(telling.line("1").quantity(), 1U);
  EXPECT_EQ(telling.line("1").status(), v1::LINE_STATUS_ACKNOWLEDGED);
  EXPECT_EQ(telling.line("1.s1").expected_dispatch().seconds(), 1772500000);
  EXPECT_FALSE(telling.Has(kOpen));
  EXPECT_FALSE(telling.Has(v1::CONCERN_KIND_SHORT_SHIPPED)) << "what was missing is replaced";
  EXPECT_FALSE(telling.state().at_risk());
}

TEST(Substitutes, DeclinedItIsWithUsAgain) {
  VendorTelling telling;
  ASSERT_TRUE(telling.Tell(kMugs).ok());
  ASSERT_TRUE(telling.Amend(R"(declined_substitutes: "1.s1")").ok());
  EXPECT_FALSE(telling.Has(kOpen));
  EXPECT_TRUE(telling.Has(v1::CONCERN_KIND_REFUSED)) << "the vendor does not send what was ordered";
  EXPECT_TRUE(telling.state().at_risk());
  ASSERT_TRUE(telling.Amend(R"(declined_substitutes: "1.s1")").ok());
  EXPECT_TRUE(telling.events().empty()) << "the same again";
  EXPECT_EQ(runtime::ReasonOf(telling.Amend(R"(accepted_substitutes: "1.s1")")), "SUBSTITUTE_UNKNOWN");
  EXPECT_EQ(runtime::ReasonOf(telling.Tell(R"(line_ids: "1.s1" dispatched { carrier: "ups" tracking_number: "A" })")),
            "SUBSTITUTE_NOT_ACCEPTED");
  ASSERT_TRUE(telling.Cancel(R"(line_ids: "1")").ok());
  EXPECT_TRUE(telling.state().concerns().empty());
}

TEST(Substitutes, AreNotSentBeforeTheyAreTaken) {
  VendorTelling telling;
  ASSERT_TRUE(telling.Tell(kMugs).ok());
  for (const char* dispatch : {R"(line_ids: "1.s1" dispatched { carrier: "ups" tracking_number: "A" })",
                               R"(dispatched { carrier: "ups" tracking_number: "A"
                                               quantities { line_id: "1.s1" quantity: 3 } })",
                               R"(dispatched { carrier: "ups" tracking_number: "A" })"}) {
    EXPECT_EQ(runtime::ReasonOf(telling.Tell(dispatch)), "SUBSTITUTE_NOT_ACCEPTED") << dispatch;
  }
  ASSERT_TRUE(telling.Tell(R"(line_ids: "1" dispatched { carrier: "ups" tracking_number: "A" })").ok())
      << "what was ordered is sent after all";
  EXPECT_FALSE(telling.Has(kOpen));
}

TEST(Substitutes, AnotherOfferIsAnotherQuestion) {
  VendorTelling telling;
  ASSERT_TRUE(telling.Tell(kMugs).ok());
  ASSERT_TRUE(telling.Tell(R"(line_ids: "1" substituted { sku: "glass" description: "Glass" reason: "r" })").ok());
  ASSERT_EQ(telling.state().concerns_size(), 1);
  EXPECT_EQ(telling.state().concerns(0).text(),
            "vendor acme offers 3 of glass (Glass) in place of line 1: ask the customer");
  EXPECT_EQ(runtime::ReasonOf(telling.Amend(R"(accepted_substitutes: "1.s1")")), "SUBSTITUTE_UNKNOWN");
  EXPECT_TRUE(telling.Amend(R"(accepted_substitutes: "1.s2")").ok());
}

TEST(Substitutes, TheSameOfferHasTheSameNameUntilItIsDeclined) {
  VendorTelling telling;
  ASSERT_TRUE(telling.Tell(kMugs, kNoonSeconds - 300).ok());
  ASSERT_TRUE(telling.Tell("acknowledged {}", kNoonSeconds - 200).ok());
  ASSERT_TRUE(telling.Tell(kMugs, kNoonSeconds - 100).ok());
  ASSERT_NE(OfferFor(telling.line()), nullptr);
  EXPECT_EQ(OfferFor(telling.line())->line_id(), "1.s1");
  ASSERT_TRUE(telling.Amend(R"(declined_substitutes: "1.s1")").ok());
  ASSERT_TRUE(telling.Tell(kMugs, kNoonSeconds).ok());
  ASSERT_NE(OfferFor(telling.line()), nullptr);
  EXPECT_NE(OfferFor(telling.line())->line_id(), "1.s1");
}

TEST(Substitutes, WhatTheVendorSaysLaterOfTheLineTakesTheOfferBack) {
  VendorTelling telling;
  ASSERT_TRUE(telling.Tell(kMugs).ok());
  ASSERT_TRUE(telling.Tell("acknowledged {}").ok());
  EXPECT_FALSE(telling.Has(kOpen));
  EXPECT_TRUE(telling.state().at_risk()) << "without a date nothing is known";
  EXPECT_EQ(runtime::ReasonOf(telling.Amend(R"(accepted_substitutes: "1.s1")")), "SUBSTITUTE_UNKNOWN");
}

TEST(Substitutes, NoMoreAreReplacedThanAreLeft) {
  VendorTelling telling;
  ASSERT_TRUE(telling.Tell(kMugs).ok());
  ASSERT_TRUE(
      telling.Tell(R"(dispatched { carrier: "ups" tracking_number: "A" quantities { line_id: "1" quantity: 1 } })")
          .ok());
  EXPECT_EQ(runtime::ReasonOf(telling.Amend(R"(accepted_substitutes: "1.s1")")), "LINE_SENT");
  EXPECT_EQ(runtime::ReasonOf(
                telling.Tell(R"(line_ids: "1" substituted { sku: "mug" description: "Mug" quantity: 3 reason: "r" })")),
            "LINE_DISPATCHED");
  EXPECT_EQ(runtime::BadFieldsOf(telling.Tell("substituted {}")),
            (std::vector<std::string>{"line_ids", "substituted.sku", "substituted.description", "substituted.reason"}));
}

TEST(Substitutes, EachIsNamedOnceAndIsALineOfItsOwn) {
  VendorTelling telling;
  ASSERT_TRUE(telling.Tell(kMugs).ok());
  const auto refused = [&](const char* change) { return runtime::BadFieldsOf(telling.Amend(change)); };
  EXPECT_EQ(refused(R"(accepted_substitutes: "1.s1" accepted_substitutes: "1.s1")"),
            std::vector<std::string>{"accepted_substitutes[1]"});
  EXPECT_EQ(refused(R"(declined_substitutes: "1.s1" declined_substitutes: "1.s1")"),
            std::vector<std::string>{"declined_substitutes[1]"});
  const std::string added = R"(added_lines { line_id: "1.s1" sku: "pen" quantity: 1 vendor_id: "acme" } )";
  EXPECT_EQ(refused((added + R"(accepted_substitutes: "1.s1")").c_str()),
            std::vector<std::string>{"added_lines[0].line_id"});
  EXPECT_EQ(refused(added.c_str()), std::vector<std::string>{"added_lines[0].line_id"}) << "it is still open";
  EXPECT_EQ(telling.state().lines_size(), 2);
  EXPECT_TRUE(telling.Amend(R"(accepted_substitutes: "1.s1")").ok());
  EXPECT_EQ(telling.state().lines_size(), 3);
}

TEST(Substitutes, WhatACarrierTookBackStaysUnknownWithoutTheRest) {
  VendorTelling telling;
  const auto ana = runtime::testing::By("ana", common::v1::ROLE_REP);
  const auto seen = [&](int version, const std::string& eta) {
    return telling.Give(
        ObserveShipment{runtime::testing::FromText<v1::ShipmentObserved>(absl::StrCat(
            "shipment: \"shipment/ups/A/1\" state: TRACKING_STATE_IN_TRANSIT shipment_version: ", version, " ", eta))},
        ana);
  };
  ASSERT_TRUE(
      telling.Tell(R"(dispatched { carrier: "ups" tracking_number: "A" quantities { line_id: "1" quantity: 2 } })")
          .ok());
  ASSERT_TRUE(telling
                  .Tell(R"(short_shipped { reason: "r" quantities { line_id: "1" quantity: 1 }
                                           expected_restock { seconds: 1772500000 } })")
                  .ok());
  ASSERT_TRUE(seen(1, "eta { latest { seconds: 1772900000 } }").ok());
  ASSERT_TRUE(telling.state().at_risk()) << "after the promise";
  ASSERT_TRUE(seen(2, "").ok());
  ASSERT_TRUE(telling.line().unknown());
  ASSERT_TRUE(telling.Cancel(R"(quantities { line_id: "1" quantity: 1 })").ok());
  EXPECT_EQ(telling.line().status(), v1::LINE_STATUS_DISPATCHED);
  EXPECT_TRUE(telling.line().unknown());
  EXPECT_TRUE(telling.state().at_risk()) << "nobody says when the parcel comes";
  ASSERT_TRUE(seen(3, "eta { latest { seconds: 1772700000 } }").ok());
  EXPECT_FALSE(telling.state().at_risk());
}

}  // namespace
}  // namespace throughline::supplier

// Legs of a shipment's way: a hand-over that names the next carrier adds its leg, and a gap between legs is raised.

#include <gmock/gmock.h>

#include "services/supplier-tracking/service_under_test.h"

namespace throughline::supplier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Legs : public ::testing::Test {
 protected:
  Legs() {
    EXPECT_TRUE(service_.Place("SO-1", kOrder).ok());
    EXPECT_TRUE(service_.VendorUpdate("SO-1", "acme", R"(dispatched { carrier: "ups" tracking_number: "1Z" })").ok());
  }
  int64_t Now() const { return absl::ToUnixSeconds(service_.now()); }
  void HandOver(const std::string& to) {
    const auto result = service_.Push(absl::StrCat(Scan("ups", "1Z", "HANDED_OVER", Now()), " ", to));
    ASSERT_TRUE(result.ok()) << result.status();
  }
  // `carrier/number leg`, with `last` where it ends at the customer.
  std::vector<std::string> Shown() {
    std::vector<std::string> legs;
    const v1::OrderView order = service_.View("SO-1");
    for (const v1::OrderShipmentView& leg : order.shipments()) {
      legs.push_back(absl::StrCat(leg.carrier(), "/", leg.tracking_number(), " ", leg.leg(),
                                  leg.last_leg() ? " last" : "", leg.has_follows() ? " after " : "", leg.follows()));
    }
    return legs;
  }
  std::vector<std::string> Concerns() {
    std::vector<std::string> texts;
    const v1::OrderView order = service_.View("SO-1");
    for (const v1::OrderConcern& concern : order.concerns()) texts.push_back(concern.text());
    return texts;
  }

  ServiceUnderTest service_;
};
constexpr char kToUsps[] = R"(handed_to { carrier: "usps" tracking_number: "9400 1118 9922 3197 4284 97" })";
constexpr char kUspsNumber[] = "9400111899223197428497";

TEST_F(Legs, AHandOverThatNamesTheNextNumberAddsItsLegAndOnlyThatCompletesTheLine) {
  HandOver(kToUsps);
  EXPECT_THAT(Shown(), ElementsAre("ups/1Z 1", absl::StrCat("usps/", kUspsNumber, " 2 last after shipment/ups/1Z/1")));
  HandOver(kToUsps);
  EXPECT_EQ(Shown().size(), 2u) << "told again, it is the same leg";
  EXPECT_EQ(service_.View("SO-1").shipments(0).next_leg_due().seconds(), Now() + 86400);
  service_.Pass(absl::Hours(1));
  ASSERT_TRUE(service_.Push(Scan("ups", "1Z", "DELIVERED", Now())).ok());
  EXPECT_NE(service_.View("SO-1").lines(0).status(), v1::LINE_STATUS_DELIVERED) << "the first leg's end is no delivery";
  ASSERT_TRUE(service_.Push(Scan("usps", kUspsNumber, "DELIVERED", Now())).ok());
  EXPECT_EQ(service_.View("SO-1").lines(0).status(), v1::LINE_STATUS_DELIVERED);
  EXPECT_THAT(Concerns(), IsEmpty());
  for (uint64_t seed = 1; seed <= 3; ++seed) EXPECT_EQ(service_.RebuiltRows(seed), service_.LiveRows());
}

TEST_F(Legs, AHandOverThatCameBeforeTheOrderKnewTheShipmentAddsItsLegToo) {
  ASSERT_TRUE(service_.Push(absl::StrCat(Scan("dhl", "77", "HANDED_OVER", Now()), " ", kToUsps)).ok());
  ASSERT_TRUE(service_.Add("SO-1", R"(order_id: "SO-1" carrier: "dhl" tracking_number: "77" line_ids: "2")").ok());
  EXPECT_EQ(Shown().back(), absl::StrCat("usps/", kUspsNumber, " 2 last after shipment/dhl/77/1"));
}

TEST_F(Legs, TheNextNumberMayBeToldLaterOfTheSameScan) {
  HandOver(R"(handed_to { carrier: "usps" })");
  EXPECT_THAT(Shown(), ElementsAre("ups/1Z 1 last"));
  HandOver(kToUsps);
  EXPECT_EQ(Shown().size(), 2u);
  HandOver("");
  EXPECT_EQ(service_.View("SO-1").shipments(0).handed_to().tracking_number(), kUspsNumber)
      << "less detail takes nothing";
}

TEST_F(Legs, AGapBetweenLegsIsRaisedOnceInTimeAndClearedByAScan) {
  HandOver(kToUsps);
  EXPECT_EQ(service_.View("SO-1").next_step().due().latest().seconds(), Now() + 86400);
  service_.Pass(absl::Hours(23));
  EXPECT_THAT(Concerns(), IsEmpty());
  service_.Pass(absl::Hours(2));
  const std::string gap =
      absl::StrCat("the leg of ups 1Z has ended, and usps ", kUspsNumber, " has not been scanned since");
  EXPECT_THAT(Concerns(), ElementsAre(gap));
  service_.Pass(absl::Hours(200));
  EXPECT_THAT(Concerns(), ElementsAre(gap)) << "once";
  ASSERT_TRUE(service_.Push(Scan("usps", kUspsNumber, "ANNOUNCED", Now())).ok());
  EXPECT_THAT(Concerns(), ElementsAre(gap)) << "an announcement is no scan";
  ASSERT_TRUE(service_.Push(Scan("usps", kUspsNumber, "IN_TRANSIT", Now())).ok());
  EXPECT_THAT(Concerns(), IsEmpty());
  EXPECT_EQ(Find(service_.Trace("SO-1"), "OrderConcernCleared")->text(),
            absl::StrCat("no longer leg gap of ups 1Z: usps ", kUspsNumber, " has been scanned"));
  service_.Pass(absl::Hours(200));
  EXPECT_THAT(Concerns(), IsEmpty());
  for (uint64_t seed = 1; seed <= 3; ++seed) EXPECT_EQ(service_.RebuiltRows(seed), service_.LiveRows());
}

TEST_F(Legs, AnUnknownNextLegIsRaisedAndSaidWithoutOurNamesToTheCustomer) {
  HandOver("");
  service_.Pass(absl::Hours(25));
  EXPECT_THAT(Concerns(), ElementsAre("the leg of ups 1Z has ended, and the next carrier is not known"));
  v1::TraceOrderRequest request;
  request.set_order_id("SO-1");
  request.set_audience(v1::AUDIENCE_CUSTOMER);
  const auto shown = TraceOrder(service_.reader(), request);
  ASSERT_TRUE(shown.ok());
  EXPECT_EQ(shown->entries(shown->entries_size() - 1).text(), "We find out which carrier has the parcel: lamp");
  // A rep finds out, and adds the leg; its first scan is the evidence.
  ASSERT_TRUE(
      service_.Add("SO-1", R"(order_id: "SO-1" carrier: "dpd" tracking_number: "55" follows: "shipment/ups/1Z/1")")
          .ok());
  EXPECT_EQ(Concerns().size(), 1u);
  ASSERT_TRUE(service_.Push(Scan("dpd", "55", "PICKED_UP", Now())).ok());
  EXPECT_THAT(Concerns(), IsEmpty());
}

TEST_F(Legs, AHandOverThatWeLearnOfLateIsRaisedWhenNothingComesWithIt) {
  service_.Pass(absl::Hours(72));
  ASSERT_TRUE(service_.Push(Scan("ups", "1Z", "HANDED_OVER", Now() - 48 * 3600)).ok());
  service_.Pass(absl::Minutes(59));
  EXPECT_THAT(Concerns(), IsEmpty());
  service_.Pass(absl::Minutes(2));
  EXPECT_EQ(Concerns().size(), 1u);
}

TEST_F(Legs, OnlyAHandOverNamesTheNextCarrier) {
  const auto bad = [&](const std::string& state, const std::string& to) {
    return runtime::BadFieldsOf(service_.Push(absl::StrCat(Scan("ups", "1Z", state, Now()), " ", to)).status());
  };
  EXPECT_THAT(bad("IN_TRANSIT", kToUsps), ElementsAre("event.handed_to"));
  EXPECT_THAT(bad("HANDED_OVER", R"(handed_to { carrier: "USPS!" tracking_number: "9" })"),
              ElementsAre("event.handed_to.carrier"));
  EXPECT_THAT(bad("HANDED_OVER", R"(handed_to { carrier: "usps" tracking_number: "9/4" })"),
              ElementsAre("event.handed_to.tracking_number"));
}

}  // namespace
}  // namespace throughline::supplier

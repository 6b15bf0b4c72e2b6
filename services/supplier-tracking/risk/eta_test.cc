// ETAs with their source and reason, through the engine: from the vendor's date to the carrier's, for staff and
// customer.

#include <string>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>

#include "services/supplier-tracking/lanes/testing_history.h"
#include "services/supplier-tracking/projections/read.h"

namespace throughline::supplier {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Etas : public History {
 protected:
  // Forty shipments by acme with ups that took four days each.
  Etas() {
    for (int i = 0; i < 40; ++i) Place(absl::StrCat("SO-H", i), "acme", absl::Hours(24 * 20));
    service_.Pass(absl::Hours(6));
    for (int i = 0; i < 40; ++i) {
      Dispatch(absl::StrCat("SO-H", i), "acme", "ups", absl::StrCat("H", i));
      Scan("ups", absl::StrCat("H", i), "PICKED_UP");
    }
    service_.Pass(absl::Hours(96));
    for (int i = 0; i < 40; ++i) Scan("ups", absl::StrCat("H", i), "DELIVERED");
  }
  v1::OrderView Customers(const std::string& order) {
    v1::TraceOrderRequest request;
    request.set_order_id(order);
    request.set_audience(v1::AUDIENCE_CUSTOMER);
    const auto shown = TraceOrder(service_.reader(), request);
    return shown.ok() ? shown->order() : v1::OrderView();
  }
};

TEST_F(Etas, GoFromTheVendorsDateToTheCarriersAndSayWhy) {
  Place("SO-1", "acme", absl::Hours(24 * 20));
  EXPECT_FALSE(service_.View("SO-1").has_eta());
  const absl::Time sends = service_.now() + absl::Hours(24);
  ASSERT_TRUE(service_
                  .VendorUpdate(
                      "SO-1", "acme",
                      absl::StrCat("acknowledged { expected_dispatch { seconds: ", absl::ToUnixSeconds(sends), " } }"))
                  .ok());
  v1::OrderView order = service_.View("SO-1");
  EXPECT_EQ(order.eta_source(), v1::ETA_SOURCE_VENDOR_AND_WAY);
  EXPECT_EQ(order.lines(0).eta_source(), v1::ETA_SOURCE_VENDOR_AND_WAY);
  EXPECT_THAT(order.eta_reason(), HasSubstr("vendor acme sends it on "));
  EXPECT_THAT(order.eta_reason(), HasSubstr("; the way takes "));
  EXPECT_THAT(order.eta_reason(), HasSubstr(" days (90 % of 40)"));
  EXPECT_NEAR(absl::ToDoubleHours(runtime::FromProto(order.eta().latest()) - sends), 96, 24);
  EXPECT_THAT(Find(service_.Trace("SO-1"), "EtaChanged")->text(), HasSubstr("says vendor/acme: vendor acme sends it"));
  const v1::OrderView shown = Customers("SO-1");
  EXPECT_THAT(shown.eta_reason(), HasSubstr("it is sent on "));
  EXPECT_THAT(shown.eta_reason(), HasSubstr("America/New_York, and the way usually takes "));
  EXPECT_EQ(shown.lines(0).eta_reason(), shown.eta_reason());
  EXPECT_THAT(shown.ShortDebugString(), Not(HasSubstr("acme")));

  service_.Pass(absl::Hours(24));
  Dispatch("SO-1", "acme", "ups", "1Z");
  EXPECT_THAT(service_.View("SO-1").eta_reason(), HasSubstr("vendor acme sent it on "));
  service_.Pass(absl::Hours(3));
  Scan("ups", "1Z", "PICKED_UP");
  order = service_.View("SO-1");
  EXPECT_EQ(order.eta_source(), v1::ETA_SOURCE_PICK_UP_AND_WAY);
  EXPECT_THAT(order.eta_reason(), HasSubstr("ups has it since "));
  EXPECT_THAT(Customers("SO-1").eta_reason(), HasSubstr("UPS has it since "));
  const size_t entries = service_.Trace("SO-1").size();
  service_.Pass(absl::Hours(10));
  Scan("ups", "1Z", "IN_TRANSIT");
  EXPECT_EQ(service_.Trace("SO-1").size(), entries + 1) << "the estimate is made once";
  service_.Restart();
  const int64_t at = absl::ToUnixSeconds(service_.now());
  ASSERT_TRUE(service_
                  .Push(absl::StrCat(supplier::Scan("ups", "1Z", "IN_TRANSIT", at + 60),
                                     " eta { latest { seconds: ", at + 86400, " } }"))
                  .ok());
  EXPECT_EQ(service_.View("SO-1").eta_source(), v1::ETA_SOURCE_CARRIER);
  EXPECT_EQ(service_.View("SO-1").eta_reason(), "ups expects it then");
  EXPECT_EQ(Customers("SO-1").eta_reason(), "UPS expects it then");
  Scan("ups", "1Z", "DELIVERED");
  EXPECT_EQ(service_.View("SO-1").eta_reason(), "");
  EXPECT_FALSE(service_.View("SO-1").lines(0).has_eta());
  ExpectSameInEveryOrder(3);
}

TEST_F(Etas, WithoutHistoryOfThatVendorAreTheDatesAlone) {
  Place("SO-1", "umbra", absl::Hours(24 * 20));
  ASSERT_TRUE(service_
                  .VendorUpdate("SO-1", "umbra",
                                absl::StrCat("backordered { expected_restock { seconds: ",
                                             absl::ToUnixSeconds(service_.now()) + 86400, " } }"))
                  .ok());
  const v1::OrderView order = service_.View("SO-1");
  EXPECT_EQ(order.eta_source(), v1::ETA_SOURCE_VENDOR_DISPATCH);
  EXPECT_EQ(absl::ToUnixSeconds(runtime::FromProto(order.eta().latest())), absl::ToUnixSeconds(service_.now()) + 86400);
  EXPECT_THAT(Customers("SO-1").eta_reason(), HasSubstr("we do not know yet how long the way takes"));
}

// The order is that of its latest line.
TEST_F(Etas, OfTheOrderAreThoseOfItsLatestLine) {
  ASSERT_TRUE(service_
                  .Place("SO-2", absl::StrCat("customer_id: \"c1\" promised_time { seconds: ",
                                              absl::ToUnixSeconds(service_.now()) + 30 * 86400, R"( }
                         lines { line_id: "1" sku: "lamp" quantity: 1 vendor_id: "acme" }
                         lines { line_id: "2" sku: "bulb" quantity: 1 vendor_id: "bolt" })"))
                  .ok());
  const auto says = [&](const std::string& vendor, int days) {
    return service_.VendorUpdate("SO-2", vendor,
                                 absl::StrCat("acknowledged { expected_delivery { latest { seconds: ",
                                              absl::ToUnixSeconds(service_.now()) + days * 86400, " } } }"));
  };
  ASSERT_TRUE(says("acme", 2).ok());
  ASSERT_TRUE(says("bolt", 5).ok());
  const v1::OrderView order = service_.View("SO-2");
  EXPECT_EQ(order.eta_reason(), "vendor bolt expects it with the customer then");
  EXPECT_EQ(order.lines(0).eta_reason(), "vendor acme expects it with the customer then");
  EXPECT_EQ(Customers("SO-2").eta_reason(), "it is expected with you then");
}

}  // namespace
}  // namespace throughline::supplier

// Cartons where staff see them, and the order that is found by one.

#include "services/supplier-tracking/projections/vendors/carton_rows.h"

#include <gmock/gmock.h>

#include "libs/runtime/domain/refusal.h"
#include "services/supplier-tracking/service_under_test.h"

namespace throughline::supplier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kSscc[] = "376104250021234569";
constexpr char kInACarton[] = R"(line_ids: "1" dispatched { carrier: "ups" tracking_number: "1Z"
  cartons { sscc: "376104250021234569" contents { line_id: "1" quantity: 1 }
            serials { line_id: "1" serial_number: "SN-1" } } })";

std::vector<std::string> WithCarton(ServiceUnderTest& service, const std::string& sscc) {
  v1::ListOrdersRequest request;
  request.set_sscc(sscc);
  std::vector<std::string> orders;
  const auto page = ListOrders(service.reader(), request);
  EXPECT_TRUE(page.ok()) << page.status();
  for (int i = 0; page.ok() && i < page->orders_size(); ++i) orders.push_back(page->orders(i).order_id());
  return orders;
}

TEST(CartonRows, AreInTheOrderAndFindIt) {
  ServiceUnderTest service;
  ASSERT_TRUE(service.Place("SO-1", kOrder).ok());
  ASSERT_TRUE(service.Place("SO-2", kOrder).ok());
  EXPECT_THAT(WithCarton(service, kSscc), IsEmpty());
  service.Pass(absl::Minutes(1));
  ASSERT_TRUE(service.VendorUpdate("SO-1", "acme", kInACarton).ok());
  EXPECT_THAT(WithCarton(service, kSscc), ElementsAre("SO-1"));
  const v1::OrderView view = service.View("SO-1");
  ASSERT_EQ(view.shipments(0).cartons_size(), 1);
  EXPECT_EQ(view.shipments(0).cartons(0).sscc(), kSscc);
  EXPECT_THAT(view.lines(0).serial_numbers(), ElementsAre("SN-1"));
  const auto trace = service.Trace("SO-1");
  EXPECT_EQ(Find(trace, "VendorDispatched")->text(),
            "vendor acme has sent 1 of line 1 by ups 1Z, in carton 376104250021234569");
  v1::TraceOrderRequest request;
  request.set_order_id("SO-1");
  request.set_audience(v1::AUDIENCE_CUSTOMER);
  const auto shown = TraceOrder(service.reader(), request);
  ASSERT_TRUE(shown.ok());
  EXPECT_THAT(shown->ShortDebugString(), Not(HasSubstr(kSscc)));
  EXPECT_EQ(service.RebuiltRows(2), service.LiveRows());
  v1::ListOrdersRequest wrong;
  wrong.set_sscc("376104250021234560");
  EXPECT_EQ(runtime::BadFieldsOf(ListOrders(service.reader(), wrong).status()), std::vector<std::string>{"sscc"});
}

TEST(CartonRows, AnotherOrderHasTheSsccAYearLater) {
  ServiceUnderTest service;
  ASSERT_TRUE(service.Place("SO-1", kOrder).ok());
  ASSERT_TRUE(service.VendorUpdate("SO-1", "acme", kInACarton).ok());
  service.Pass(absl::Hours(24 * 364));
  ASSERT_TRUE(service
                  .Place("SO-2", absl::StrCat("customer_id: \"c1\" promised_time { seconds: 1872625600 } lines { "
                                              "line_id: \"1\" sku: \"lamp\" quantity: 1 vendor_id: \"acme\" }"))
                  .ok());
  EXPECT_EQ(runtime::ReasonOf(service.VendorUpdate("SO-2", "acme", kInACarton)), "SSCC_IN_USE");
  service.Pass(absl::Hours(24 * 2));
  ASSERT_TRUE(service
                  .VendorUpdate("SO-2", "acme",
                                R"(line_ids: "1" dispatched { carrier: "ups" tracking_number: "2Z"
                                     cartons { sscc: "376104250021234569" } })")
                  .ok());
  EXPECT_THAT(WithCarton(service, kSscc), ElementsAre("SO-1", "SO-2"));
}

TEST(CartonRows, TheYearBeginsWhenTheNoticeIsRecorded) {
  ServiceUnderTest service;
  ASSERT_TRUE(service.Place("SO-1", kOrder).ok());
  ASSERT_TRUE(service.Place("SO-2", kOrder).ok());
  const int64_t long_ago = absl::ToUnixSeconds(service.now() - absl::Hours(24 * 400));
  ASSERT_TRUE(
      service.VendorUpdate("SO-1", "acme", absl::StrCat(kInACarton, " stated_at { seconds: ", long_ago, " }")).ok());
  EXPECT_EQ(runtime::ReasonOf(service.VendorUpdate("SO-2", "acme",
                                                   R"(line_ids: "1" dispatched { carrier: "ups" tracking_number: "2Z"
                                                        cartons { sscc: "376104250021234569" } })")),
            "SSCC_IN_USE");
}

}  // namespace
}  // namespace throughline::supplier

// The page of an order, read with the secret of a link: only by it, only for its time, and without what is ours.

#include "absl/strings/match.h"

#include "libs/runtime/domain/refusal.h"
#include "services/supplier-tracking/projections/order/order_page.h"
#include "services/supplier-tracking/service_under_test.h"
#include "throughline/intake/v1/case.pb.h"

namespace throughline::supplier {
namespace {

constexpr char kTwoLines[] = R"(order_id: "SO-1" customer_id: "C-7" owner: "ana" destination_zone: "Europe/Berlin"
  promised_time { seconds: 4000000000 }
  lines { line_id: "1" sku: "K-2" description: "Kettle" quantity: 1 vendor_id: "acme" }
  lines { line_id: "2" sku: "C-4" description: "Cups" quantity: 4 vendor_id: "globex" })";
constexpr char kSecret[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";

class OrderLinks : public ::testing::Test {
 protected:
  OrderLinks() {
    EXPECT_TRUE(service_.Place("SO-1", kTwoLines).ok());
    link_ = Make(kSecret, absl::Hours(24));
  }

  std::string Make(const std::string& secret, absl::Duration lasts) {
    v1::CreateOrderLinkRequest request;
    request.set_order_id("SO-1");
    request.set_secret_sha256(crypto::Sha256(secret));
    *request.mutable_expires_at() = runtime::ToProto(service_.now() + lasts);
    const auto made = service_.Give<Order>("SO-1", request, service_.By("shop", common::v1::ROLE_SERVICE));
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? static_cast<const v1::OrderEvent&>(*made->events.front()).link_created().link_id() : "";
  }
  absl::StatusOr<v1::GetOrderPageResponse> Read(const std::string& secret, const std::string& order = "SO-1") {
    v1::GetOrderPageRequest request;
    request.set_order_id(order);
    request.set_secret(secret);
    return GetOrderPage(service_.reader(), request, "0800 1234", service_.now());
  }
  std::string Refused(const std::string& secret, const std::string& order = "SO-1") {
    return runtime::ReasonOf(Read(secret, order).status()).value_or("none");
  }

  ServiceUnderTest service_;
  std::string link_;
};

TEST_F(OrderLinks, ASecretOpensThePageOfItsOrderForItsTime) {
  const auto read = Read(kSecret);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->link_id(), link_);
  EXPECT_EQ(read->customer_id(), "C-7");
  for (const char* wrong : {"", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFH", "SO-1"}) {
    EXPECT_EQ(Refused(wrong), "LINK_UNKNOWN") << wrong;
  }
  EXPECT_EQ(Refused(kSecret, "SO-2"), "LINK_UNKNOWN") << "whether an order exists is nobody's business";
  EXPECT_EQ(Refused(crypto::Sha256(kSecret)), "LINK_UNKNOWN") << "what the log has opens nothing";
  service_.Pass(absl::Hours(24));
  EXPECT_EQ(Refused(kSecret), "LINK_EXPIRED");
  EXPECT_EQ(Refused("another"), "LINK_UNKNOWN") << "only who has the secret learns that it was good";
}

TEST_F(OrderLinks, ARevokedLinkOpensNothingAndTheOthersStay) {
  Make("another-secret-of-the-same-order-0123456789", absl::Hours(24));
  v1::RevokeOrderLinkRequest revoke;
  revoke.set_order_id("SO-1");
  revoke.set_link_id(link_);
  ASSERT_TRUE(service_.Give<Order>("SO-1", revoke, service_.By("ana", common::v1::ROLE_REP)).ok());
  EXPECT_EQ(Refused(kSecret), "LINK_UNKNOWN");
  EXPECT_TRUE(Read("another-secret-of-the-same-order-0123456789").ok());
}

TEST_F(OrderLinks, TheSecretStandsNowhere) {
  for (const auto& [partition, records] : service_.book().records) {
    for (const auto& record : records) EXPECT_FALSE(absl::StrContains(record->value, kSecret));
  }
  service_.reader().Scan("", "", [&](std::string_view, std::string_view value) {
    EXPECT_EQ(value.find(kSecret), std::string_view::npos);
    return true;
  });
}

TEST_F(OrderLinks, ThePageSaysWhatHappenedAndWhatHappensNextWithoutOurNames) {
  EXPECT_EQ(Read(kSecret)->page().next().text(), "We send your order");
  ASSERT_TRUE(
      service_.VendorUpdate("SO-1", "globex", R"(line_ids: "2" backordered { reason: "the mill is late" })").ok());
  EXPECT_EQ(Read(kSecret)->page().next().text(), "We get what is not in stock: Cups");
  ASSERT_TRUE(service_
                  .VendorUpdate("SO-1", "acme",
                                R"(line_ids: "1" dispatched { carrier: "ups" tracking_number: "1Z204W4R0308071865" })")
                  .ok());
  service_.Foreign<intake::v1::CaseEvent>(log::Topic::kIntake, "case/c1", R"(opened {
    case_id: "c1" customer_id: "C-7" subject: "Where?" order_id: "SO-1" owner: "ana" channel: CHANNEL_WEB text: "secret words" })");
  const auto read = Read(kSecret);
  ASSERT_TRUE(read.ok()) << read.status();
  const v1::OrderPage& page = read->page();
  EXPECT_EQ(page.contact(), "0800 1234");
  EXPECT_EQ(page.zone(), "Europe/Berlin");
  EXPECT_EQ(page.lines_size(), 2);
  EXPECT_EQ(page.parcels(0).tracking_number(), "1Z204W4R0308071865");
  std::vector<std::string> steps;
  for (const v1::OrderPageStep& step : page.steps()) steps.push_back(step.text());
  EXPECT_EQ(steps, (std::vector<std::string>{"You placed the order", "Not in stock: Cups", "Sent: Kettle"}));
  ASSERT_EQ(read->open_case_ids_size(), 1);
  EXPECT_EQ(read->open_case_ids(0), "c1");
  const std::string all = page.ShortDebugString();
  for (const char* ours : {"ana", "acme", "globex", "mill", "shop", "secret words", "c1", "C-7"}) {
    EXPECT_FALSE(absl::StrContains(all, absl::StrCat("\"", ours)) || absl::StrContains(all, absl::StrCat(" ", ours)))
        << ours << ": " << all;
  }
}

}  // namespace
}  // namespace throughline::supplier

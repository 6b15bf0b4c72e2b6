// A customer on the page of their order, before the real services.

#include "services/edge/orders/orders.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"

#include "libs/crypto/sha256.h"
#include "libs/runtime/domain/time.h"
#include "services/edge/testing/suite_and_edge.h"
#include "throughline/intake/v1/queries.pb.h"
#include "throughline/ownership/v1/commands.pb.h"
#include "throughline/ownership/v1/queries.pb.h"
#include "throughline/supplier/v1/commands.pb.h"
#include "throughline/supplier/v1/order_link.pb.h"

namespace throughline::edge::orders {
namespace {

using edge::testing::Peer;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kSecret[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";

// The value of the first hidden field with this name.
std::string Hidden(const std::string& html, const std::string& name) {
  const std::string begin = absl::StrCat("name=\"", name, "\" value=\"");
  const size_t at = html.find(begin);
  if (at == std::string::npos) return "";
  return html.substr(at + begin.size(), html.find('"', at + begin.size()) - at - begin.size());
}

class OrderPageTest : public edge::testing::SuiteAndEdge {
 protected:
  void SetUp() override {
    StartSuite("Call 0800 1234");
    StartEdge();
    supplier::v1::PlaceOrderRequest order;
    order.set_order_id("SO-1");
    order.set_customer_id("C-7");
    order.set_owner("sam");
    order.set_destination_zone("Europe/Berlin");
    *order.mutable_promised_time() = runtime::ToProto(absl::Now() + absl::Hours(48));
    auto& line = *order.add_lines();
    line.set_line_id("1");
    line.set_sku("K-2");
    line.set_description("Kettle <b>");
    line.set_quantity(1);
    line.set_vendor_id("acme");
    Must<supplier::v1::PlaceOrderResponse>("webshop", order);
    supplier::v1::CreateOrderLinkRequest link;
    link.set_order_id("SO-1");
    link.set_secret_sha256(crypto::Sha256(kSecret));
    link_ = Must<supplier::v1::CreateOrderLinkResponse>("webshop", link).link_id();
  }

  template <typename Response>
  Response Must(const std::string& who, const google::protobuf::Message& request) {
    auto response = As(who).Call<Response>(request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *response : Response();
  }
  Peer::Answer Get(const std::string& secret, const std::string& query = "") const {
    return Ask(absl::StrCat("GET /orders/SO-1/", secret, query, " HTTP/1.1\r\nHost: a\r\n\r\n"));
  }
  std::string Page() const {
    const Peer::Answer answer = Get(kSecret);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.body;
  }
  Peer::Answer Post(const std::string& form, const std::string& type = "application/x-www-form-urlencoded") const {
    return Ask(absl::StrCat("POST /orders/SO-1 HTTP/1.1\r\nHost: a\r\nContent-Type: ", type,
                            "\r\nContent-Length: ", form.size(), "\r\n\r\n", form));
  }
  // As a browser sends a form of the page.
  Peer::Answer Send(const std::string& html, const std::string& action, const std::string& words) const {
    return Post(absl::StrCat("secret=", Hidden(html, "secret"), "&command=", Hidden(html, "command"),
                             "&case=", Hidden(html, "case"), "&read=", Hidden(html, "read"), "&do=", action,
                             "&words=", absl::StrReplaceAll(words, {{" ", "+"}})));
  }
  std::vector<intake::v1::CaseView> Cases() {
    intake::v1::ListCasesRequest request;
    request.set_order_id("SO-1");
    const auto list = Must<intake::v1::ListCasesResponse>("sam", request);
    return {list.cases().begin(), list.cases().end()};
  }
  ownership::v1::OwnershipView Ownership(const std::string& case_id) {
    ownership::v1::GetOwnershipRequest request;
    request.set_case_id(case_id);
    return Must<ownership::v1::GetOwnershipResponse>("sam", request).ownership();
  }
  // The customer has said that it is not here, and sam proposes this.
  std::string Proposed(const std::string& text) {
    EXPECT_EQ(Send(Page(), "missing", "").status, 303);
    EXPECT_TRUE(Eventually([&] { return Cases().size() == 1; }));
    const std::string case_id = Cases()[0].case_id();
    ownership::v1::ProposeResolutionRequest propose;
    propose.set_case_id(case_id);
    propose.set_text(text);
    EXPECT_TRUE(Eventually([&] { return As("sam").Call<ownership::v1::ProposeResolutionResponse>(propose).ok(); }));
    EXPECT_TRUE(Eventually([&] { return absl::StrContains(Page(), "We propose"); }));
    return case_id;
  }

  std::string link_;
};

TEST_F(OrderPageTest, ShowsTheCustomerTheirOrderAndNothingOfOurs) {
  const Peer::Answer answer = Get(kSecret);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_THAT(answer.body, AllOf(HasSubstr("Your order SO-1"), HasSubstr("Kettle &lt;b&gt;"),
                                 HasSubstr("You placed the order"), HasSubstr("What happens next"),
                                 HasSubstr("Call 0800 1234"), HasSubstr("Europe/Berlin"), HasSubstr("noindex")));
  for (const char* ours : {"acme", ">sam", "C-7", "K-2", "<b>"}) EXPECT_THAT(answer.body, Not(HasSubstr(ours)));
  EXPECT_THAT(answer.body, Not(HasSubstr("<script")));
  EXPECT_THAT(
      answer.header("content-security-policy"),
      AllOf(HasSubstr("default-src 'none'"), HasSubstr("form-action 'self'"), HasSubstr("frame-ancestors 'none'")));
  EXPECT_EQ(answer.header("cache-control"), "no-store");
  EXPECT_EQ(answer.header("referrer-policy"), "no-referrer");
  EXPECT_EQ(answer.header("set-cookie"), "");
  // A request is counted after its answer has gone.
  EXPECT_TRUE(Eventually([&] {
    return absl::StrContains(Metrics(), "throughline_http_requests_total{code=\"200\",route=\"order_page\"} 1");
  }));
  EXPECT_EQ(Ask(absl::StrCat("HEAD /orders/SO-1/", kSecret, " HTTP/1.1\r\nHost: a\r\n\r\n"), true).status, 200);
}

TEST_F(OrderPageTest, OpensForTheSecretOfALinkAndForNothingElse) {
  for (const std::string& path :
       {std::string("/orders/"), std::string("/orders/SO-1/"), std::string("/orders/SO-1/wrong"),
        absl::StrCat("/orders/SO-2/", kSecret), absl::StrCat("/orders/SO-1/", kSecret, "/"),
        absl::StrCat("/orders/SO-1/", kSecret, "%00"), std::string("/orders/../SO-1/x"),
        absl::StrCat("/orders/SO-1/", absl::BytesToHexString(crypto::Sha256(kSecret)))}) {
    EXPECT_EQ(Ask(absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: a\r\n\r\n")).status, 404) << path;
  }
  EXPECT_EQ(Ask("GET /orders/SO-1 HTTP/1.1\r\nHost: a\r\n\r\n").header("allow"), "POST");
  supplier::v1::RevokeOrderLinkRequest revoke;
  revoke.set_order_id("SO-1");
  revoke.set_link_id(link_);
  Must<supplier::v1::RevokeOrderLinkResponse>("sam", revoke);
  EXPECT_EQ(Get(kSecret).status, 404);
}

TEST_F(OrderPageTest, SaysThatItIsNotHereOnceHoweverOftenItIsSent) {
  const std::string html = Page();
  const Peer::Answer answer = Send(html, "missing", "I waited all day");
  EXPECT_EQ(answer.status, 303) << answer.body;
  EXPECT_THAT(answer.header("location"), HasSubstr(absl::StrCat("/orders/SO-1/", kSecret, "?said=missing")));
  EXPECT_EQ(Send(html, "missing", "I waited all day").status, 303) << "the button, pressed twice";
  EXPECT_TRUE(Eventually([&] { return Cases().size() == 1; }));
  EXPECT_EQ(Cases()[0].customer_id(), "C-7");
  EXPECT_THAT(Get(kSecret, "?said=missing").body, HasSubstr("You said that it is not here"));
  EXPECT_THAT(Get(kSecret, "?said=%3Cscript%3E").body, Not(HasSubstr("script")));
  // Another visit: the same matter, so the same case.
  EXPECT_EQ(Send(Page(), "missing", "Still not").status, 303);
  EXPECT_TRUE(Eventually([&] { return Cases().size() == 1 && Cases()[0].inbound_interactions() == 2; }))
      << Cases()[0].ShortDebugString();
}

TEST_F(OrderPageTest, ConfirmsWhatWasProposed) {
  const std::string case_id = Proposed("A <new> kettle leaves today");
  const std::string html = Page();
  EXPECT_THAT(html, HasSubstr("A &lt;new&gt; kettle leaves today"));
  const Peer::Answer answer = Send(html, "confirm", "");
  EXPECT_EQ(answer.status, 303) << answer.body;
  EXPECT_THAT(answer.header("location"), HasSubstr("?said=confirmed"));
  EXPECT_TRUE(Eventually([&] { return Ownership(case_id).status() == ownership::v1::CASE_STATUS_RESOLVED_CONFIRMED; }));
  EXPECT_EQ(Ownership(case_id).resolution().evidence(),
            absl::StrCat("confirmed on the page of order SO-1, link ", link_));
  EXPECT_THAT(Ask(absl::StrCat("GET ", answer.header("location"), " HTTP/1.1\r\nHost: a\r\n\r\n")).body,
              AllOf(HasSubstr("You confirmed that it is solved"), Not(HasSubstr("We propose"))));
}

TEST_F(OrderPageTest, RejectsWhatWasProposedInTheCustomersWords) {
  const std::string case_id = Proposed("Please wait");
  EXPECT_THAT(Send(Page(), "reject", "No, I need it now").header("location"), HasSubstr("?said=rejected"));
  EXPECT_TRUE(Eventually([&] { return Ownership(case_id).status() == ownership::v1::CASE_STATUS_OPEN; }));
  EXPECT_EQ(Ownership(case_id).resolution().rejection_reason(), "No, I need it now");
  EXPECT_TRUE(Ownership(case_id).has_unanswered()) << "the owner owes an answer";
}

TEST_F(OrderPageTest, ConfirmsOnlyWhatTheCustomerHasRead) {
  const std::string case_id = Proposed("A new kettle");
  const std::string read = Page();
  ownership::v1::ProposeResolutionRequest other;
  other.set_case_id(case_id);
  other.set_text("Nothing");
  Must<ownership::v1::ProposeResolutionResponse>("sam", other);
  EXPECT_THAT(Send(read, "confirm", "").header("location"), HasSubstr("?said=changed"));
  EXPECT_EQ(Ownership(case_id).status(), ownership::v1::CASE_STATUS_RESOLUTION_PROPOSED);
  EXPECT_THAT(Get(kSecret, "?said=changed").body, HasSubstr("something has changed since"));
}

TEST_F(OrderPageTest, TakesNothingFromAnotherPage) {
  const std::string case_id = Proposed("A new kettle");
  const std::string html = Page();
  const std::string rest = absl::StrCat("&command=c1&do=confirm&case=", case_id, "&read=", Hidden(html, "read"));
  EXPECT_EQ(Post("secret=" + rest).status, 400) << "no secret";
  EXPECT_EQ(Post("secret=wrong" + rest).status, 404);
  EXPECT_EQ(Post(absl::StrCat("secret=", kSecret, rest), "text/plain").status, 415);
  EXPECT_EQ(Post(absl::StrCat("secret=", kSecret, "&command=c1&do=close")).status, 400);
  EXPECT_THAT(Post(absl::StrCat("secret=", kSecret, "&command=c1&do=confirm&case=another")).header("location"),
              HasSubstr("?said=changed"));
  EXPECT_THAT(
      Post(absl::StrCat("secret=", kSecret, "&command=c1&do=confirm&case=", case_id, "&read=zz")).header("location"),
      HasSubstr("?said=changed"));
  EXPECT_EQ(Post(std::string(70 << 10, 'a')).status, 413);
  EXPECT_EQ(Ownership(case_id).status(), ownership::v1::CASE_STATUS_RESOLUTION_PROPOSED);
}

TEST_F(OrderPageTest, AsksToTryAgainWhileTheServicesAreAway) {
  StartEdge("", /*away=*/true);
  const Peer::Answer answer = Get(kSecret);
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(answer.header("retry-after"), "");
  EXPECT_THAT(answer.body, HasSubstr("try again"));
}

}  // namespace
}  // namespace throughline::edge::orders

#include "services/edge/subscriptions/subscriptions.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"

#include "services/edge/testing/suite_and_edge.h"
#include "services/outage-notice/delivery/subscriber_key.h"

namespace throughline::edge::subscriptions {
namespace {

using edge::testing::Peer;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class SubscriptionPagesTest : public edge::testing::SuiteAndEdge {
 protected:
  Peer::Answer Open(const std::string& path) const {
    return Ask(absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: a\r\n\r\n"));
  }
  // As a mail program leaves by one click (RFC 8058).
  Peer::Answer Click(const std::string& path) const {
    const std::string form = "List-Unsubscribe=One-Click";
    return Ask(absl::StrCat("POST ", path, " HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded",
                            "\r\nContent-Length: ", form.size(), "\r\n\r\n", form));
  }
};

TEST_F(SubscriptionPagesTest, OpeningALinkAsksAndChangesNothing) {
  StartSuite();
  StartEdge();
  for (const std::string& path : {std::string("/subscriptions/confirm"), std::string("/subscriptions/leave")}) {
    const Peer::Answer page = Open(path + "?token=a.b");
    EXPECT_EQ(page.status, 200);
    EXPECT_THAT(page.body,
                AllOf(HasSubstr("<form method=\"post\""), HasSubstr("token=a.b"), Not(HasSubstr("<script"))));
    EXPECT_THAT(page.header("content-security-policy"), HasSubstr("form-action 'self'"));
    EXPECT_EQ(page.header("cache-control"), "no-store");
    EXPECT_EQ(page.header("set-cookie"), "");
    EXPECT_EQ(Open(path).status, 404);
    EXPECT_EQ(Open(path + "?token=%3Cb%3E").status, 404);
  }
  EXPECT_EQ(Open("/subscriptions/else?token=a").status, 404);
  EXPECT_EQ(Ask("PUT /subscriptions/leave?token=a HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").header("allow"),
            "GET, HEAD, POST");
}

TEST_F(SubscriptionPagesTest, OneClickLeavesHoweverOftenItIsSent) {
  StartSuite();
  StartEdge();
  const auto key = outage::SubscriberKey::Read(data_.path() + "/suite/subscriber-key");
  ASSERT_TRUE(key.ok()) << key.status();
  const std::string id = (*key)->SubscriberId(outage::v1::SUBSCRIBER_CHANNEL_MAIL, "kim@example.com");
  for (int i = 0; i < 2; ++i) {
    const Peer::Answer left = Click("/subscriptions/leave?token=" + (*key)->LeaveToken(id));
    EXPECT_EQ(left.status, 200) << left.body;
    EXPECT_THAT(left.body, HasSubstr("You have left"));
  }
  for (const char* path : {"/subscriptions/leave?token=forged.token", "/subscriptions/confirm?token=forged.token"}) {
    EXPECT_EQ(Click(path).status, 410) << path;
  }
}

TEST_F(SubscriptionPagesTest, NothingIsConfirmedWhileTheServicesAreAway) {
  StartSuite();
  StartEdge("", /*away=*/true);
  const Peer::Answer answer = Click("/subscriptions/confirm?token=a.b");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.header("retry-after"), "60");
}

}  // namespace
}  // namespace throughline::edge::subscriptions

#include "services/outage-notice/delivery/webhook.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include <gtest/gtest.h>

#include "services/outage-notice/delivery/content.h"
#include "services/outage-notice/delivery/subscriber_key.h"

namespace throughline::outage {
namespace {

std::string Secret(const char* base64) {
  std::string bytes;
  EXPECT_TRUE(absl::Base64Unescape(base64, &bytes));
  return bytes;
}

// The vector that the libraries of Standard Webhooks are tested with.
TEST(Webhook, IsSignedAsStandardWebhooksSays) {
  const auto headers = SignWebhook("msg_p5jXN8AQM9LWM0D4loKWxJek", absl::FromUnixSeconds(1614265330),
                                   R"({"test": 2432232314})", {Secret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")});
  using Header = std::pair<std::string, std::string>;
  EXPECT_EQ(headers, (std::vector<Header>{{"webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"},
                                          {"webhook-timestamp", "1614265330"},
                                          {"webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}}));
}

TEST(Webhook, IsSignedByBothSecretsWhileTheyOverlap) {
  const auto headers = SignWebhook("msg_p5jXN8AQM9LWM0D4loKWxJek", absl::FromUnixSeconds(1614265330),
                                   R"({"test": 2432232314})", {"new", Secret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")});
  const std::string& signatures = headers[2].second;
  EXPECT_TRUE(absl::EndsWith(signatures, " v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")) << signatures;
  EXPECT_TRUE(absl::StartsWith(signatures, "v1,")) << signatures;
}

TEST(Webhook, ItsBodySaysWhatCustomersAreTold) {
  v1::WebhookMessage message;
  message.set_type(TypeOf(v1::NOTICE_NEWS_RESOLVED));
  message.mutable_data()->set_text("It works \"again\".");
  EXPECT_EQ(WebhookBody(message), R"({"type":"notice.resolved","data":{"text":"It works \"again\"."}})");
}

TEST(SubscriberKey, IdsAndTokensFollowFromItAndCannotBeGuessed) {
  const auto key = *SubscriberKey::Of(std::string(32, 'k')), other = *SubscriberKey::Of(std::string(32, 'o'));
  const std::string id = key->SubscriberId(v1::SUBSCRIBER_CHANNEL_MAIL, "kim@example.com");
  EXPECT_EQ(id.size(), 26u);
  EXPECT_EQ(id, key->SubscriberId(v1::SUBSCRIBER_CHANNEL_MAIL, "KIM@example.com"));
  EXPECT_NE(id, key->SubscriberId(v1::SUBSCRIBER_CHANNEL_MAIL, "ana@example.com"));
  EXPECT_NE(id, other->SubscriberId(v1::SUBSCRIBER_CHANNEL_MAIL, "kim@example.com")) << "not a digest of the address";

  const std::string leave = key->LeaveToken(id), confirm = key->ConfirmToken({id, "r1"});
  EXPECT_EQ(key->ReadLeaveToken(leave), id);
  ASSERT_TRUE(key->ReadConfirmToken(confirm));
  EXPECT_EQ(key->ReadConfirmToken(confirm)->request_id, "r1");
  EXPECT_FALSE(other->ReadLeaveToken(leave));
  EXPECT_FALSE(key->ReadConfirmToken(leave));
  EXPECT_FALSE(key->ReadLeaveToken(confirm));
  for (size_t i = 0; i < leave.size(); ++i) {
    std::string bent = leave;
    bent[i] = bent[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(key->ReadLeaveToken(bent)) << bent;
  }
  for (const char* bad : {"", ".", "..", "...", "a.b.c"}) {
    EXPECT_FALSE(key->ReadLeaveToken(bad)) << bad;
    EXPECT_FALSE(key->ReadConfirmToken(bad)) << bad;
  }
  EXPECT_FALSE(SubscriberKey::Of(std::string(31, 'k')).ok());
  EXPECT_EQ(key->Id(), "5e318f8c") << "as `printf %s KEY | sha256sum | cut -c-8` prints it";
}

}  // namespace
}  // namespace throughline::outage

#include "services/outage-notice/delivery/sender.h"

#include <map>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>

#include "libs/files/whole_file.h"
#include "services/outage-notice/delivery/webhook.h"
#include "services/outage-notice/testing.h"
#include "tests/support/eventually.h"
#include "tests/support/test_directory.h"

namespace throughline::outage {
namespace {

// What arrived, and what the other side answers next.
struct Mailbox {
  absl::Mutex mutex;
  std::vector<OutgoingMessage> arrived ABSL_GUARDED_BY(mutex);
  std::vector<SendResult> answers ABSL_GUARDED_BY(mutex);  // taken from the back; empty: it is taken

  size_t Count() {
    absl::MutexLock lock(&mutex);
    return arrived.size();
  }
  OutgoingMessage At(size_t i) {
    absl::MutexLock lock(&mutex);
    return arrived[i];
  }
};

class ToMailbox : public Transport {
 public:
  explicit ToMailbox(std::shared_ptr<Mailbox> mailbox) : mailbox_(std::move(mailbox)) {}
  SendResult Send(const OutgoingMessage& message) override {
    absl::MutexLock lock(&mailbox_->mutex);
    mailbox_->arrived.push_back(message);
    if (mailbox_->answers.empty()) return {};
    SendResult answer = mailbox_->answers.back();
    mailbox_->answers.pop_back();
    return answer;
  }

 private:
  const std::shared_ptr<Mailbox> mailbox_;
};

class SenderTest : public OutageNotice {
 protected:
  SenderTest() {
    config_.delivery.key = *SubscriberKey::Of(std::string(32, 'k'));
    config_.delivery.site = "https://status.example.com";
    config_.delivery.smtp.url = "smtp://mail";
    config_.delivery.smtp.from = "status@example.com";
    Restart();
    Send();
    DefineCheckout();
  }
  ~SenderTest() override { End(); }
  void Send() {
    sender_ = std::make_unique<Sender>(
        replica_->streams(), config_.delivery,
        [this](v1::SubscriberChannel, const GiveUp&) { return std::make_unique<ToMailbox>(mailbox_); });
  }
  // The engine answers while the sender ends, as in a process.
  void End() {
    std::thread ending([this] { sender_.reset(); });
    std::atomic<bool> ended = false;
    std::thread waiting([&] {
      ending.join();
      ended = true;
    });
    while (!ended) Pass(absl::Milliseconds(60));
    waiting.join();
  }
  // Steps the engine until so many messages have arrived, and settled is what was sent.
  bool Arrives(size_t count) {
    return Eventually([&] {
      Pass(absl::Milliseconds(60));
      return mailbox_->Count() >= count && runtime::Counted(store_, kDeliveriesWaiting) == 0;
    });
  }
  std::string Hear(v1::SubscriberChannel channel, const std::string& address) {
    Subscribe command;
    command.request.set_channel(channel);
    command.request.set_address(address);
    command.subscriber_id = config_.delivery.key->SubscriberId(channel, address);
    EXPECT_TRUE(Give<Subscriber>(command.subscriber_id, command, Ana()).ok());
    EXPECT_TRUE(Arrives(1));
    return command.subscriber_id;
  }
  void Confirm(const std::string& token) {
    const auto named = config_.delivery.key->ReadConfirmToken(token);
    ASSERT_TRUE(named) << token;
    ConfirmSubscription confirm;
    confirm.request.set_request_id(named->request_id);
    ASSERT_TRUE(Give<Subscriber>(named->subscriber_id, confirm, Ana()).ok());
  }
  v1::SubscriberState StateOf(const std::string& id) {
    // What BeginDelivery answers, without beginning anything.
    auto answer = replica_->Send<Subscriber>(id, BeginDelivery(), Ana());
    Run();
    return *(**answer)->state;
  }
  static std::string Between(const std::string& text, const std::string& begin, const std::string& end) {
    std::string plain;  // without quoted-printable's soft breaks
    for (size_t i = 0; i < text.size(); ++i) {
      if (text.compare(i, 3, "=\r\n") == 0) {
        i += 2;
      } else if (text.compare(i, 3, "=3D") == 0) {
        plain.push_back('=');
        i += 2;
      } else {
        plain.push_back(text[i]);
      }
    }
    const size_t from = plain.find(begin);
    if (from == std::string::npos) return "";
    return plain.substr(from + begin.size(), plain.find(end, from + begin.size()) - from - begin.size());
  }

  const std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>();
  std::unique_ptr<Sender> sender_;
};

TEST_F(SenderTest, AMailIsConfirmedByItsTokenAndLeftByItsLink) {
  const std::string id = Hear(v1::SUBSCRIBER_CHANNEL_MAIL, "kim@example.com");
  const OutgoingMessage question = mailbox_->At(0);
  EXPECT_EQ(question.address, "kim@example.com");
  EXPECT_FALSE(absl::StrContains(question.content, "List-Unsubscribe"));
  Confirm(Between(question.content, "confirm?token=", "\r\n"));
  Publish();
  ASSERT_TRUE(Arrives(2));
  const OutgoingMessage told = mailbox_->At(1);
  EXPECT_TRUE(absl::StrContains(told.content, "Subject: Investigating: Down\r\n")) << told.content;
  EXPECT_TRUE(absl::StrContains(told.content, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
  const std::string leave =
      Between(told.content, "List-Unsubscribe: \r\n <https://status.example.com/subscriptions/leave?token=", ">");
  EXPECT_EQ(config_.delivery.key->ReadLeaveToken(leave), id);
}

TEST_F(SenderTest, AMessageThatIsTriedAgainIsTheSameBytes) {
  Confirm(Between((Hear(v1::SUBSCRIBER_CHANNEL_MAIL, "kim@example.com"), mailbox_->At(0).content),
                  "confirm?token=", "\r\n"));
  {
    absl::MutexLock lock(&mailbox_->mutex);
    mailbox_->answers = {{SettleDelivery::Outcome::kFailed, "451"}};
  }
  Publish();
  ASSERT_TRUE(Eventually([&] {
    Pass(absl::Milliseconds(60));
    return mailbox_->Count() == 2;
  }));
  Run();
  Pass(absl::Minutes(2));
  ASSERT_TRUE(Arrives(3));
  EXPECT_EQ(mailbox_->At(1).content, mailbox_->At(2).content);
  EXPECT_TRUE(absl::StrContains(mailbox_->At(1).content, "Message-ID: <"));
}

TEST_F(SenderTest, AWebhookIsSignedAndItsIdNamesTheDelivery) {
  const std::string id = Hear(v1::SUBSCRIBER_CHANNEL_WEBHOOK, "https://example.com/hook");
  Confirm(Between(mailbox_->At(0).content, "\"confirmToken\":\"", "\""));
  Publish();
  ASSERT_TRUE(Arrives(2));
  const OutgoingMessage told = mailbox_->At(1);
  EXPECT_TRUE(absl::StrContains(told.content, "\"type\":\"notice.published\"")) << told.content;
  EXPECT_EQ(config_.delivery.key->ReadLeaveToken(Between(told.content, "\"leaveToken\":\"", "\"")), id);
  const std::map<std::string, std::string> headers(told.headers.begin(), told.headers.end());
  EXPECT_TRUE(absl::StartsWith(headers.at("webhook-id"), "msg_"));
  EXPECT_TRUE(absl::StartsWith(headers.at("webhook-signature"), "v1,"));
}

// An endpoint goes on with the secret that it has while keys are rotated, until the key of that secret is removed.
TEST_F(SenderTest, AWebhookIsSignedByAllKeysAndItsTokensFollowFromTheFirst) {
  const std::string id = Hear(v1::SUBSCRIBER_CHANNEL_WEBHOOK, "https://example.com/hook");
  Confirm(Between(mailbox_->At(0).content, "\"confirmToken\":\"", "\""));
  const auto old_key = config_.delivery.key, new_key = *SubscriberKey::Of(std::string(32, 'n'));
  const std::string secret_id = StateOf(id).secret_id();
  const TestDirectory directory;
  const std::string path = directory.path() + "/signing-keys";
  const auto put = [&](const std::string& content) { ASSERT_FALSE(files::ReplaceFile(path, content, 0600)); };
  const auto signed_by = [&](const OutgoingMessage& message, const SubscriberKey& key) {
    const std::map<std::string, std::string> headers(message.headers.begin(), message.headers.end());
    int64_t seconds = 0;
    EXPECT_TRUE(absl::SimpleAtoi(headers.at("webhook-timestamp"), &seconds));
    const auto expected = SignWebhook(headers.at("webhook-id"), absl::FromUnixSeconds(seconds), message.content,
                                      {key.WebhookSecret(id, secret_id)});
    return absl::StrContains(headers.at("webhook-signature"), expected.back().second);
  };
  put(std::string(32, 'n') + "\n" + std::string(32, 'k'));
  config_.delivery.signing_keys = *SigningKeys::Follow(path);
  End();
  Send();
  Publish();
  ASSERT_TRUE(Arrives(2));
  EXPECT_TRUE(signed_by(mailbox_->At(1), *old_key));
  EXPECT_TRUE(signed_by(mailbox_->At(1), *new_key));
  EXPECT_EQ(new_key->ReadLeaveToken(Between(mailbox_->At(1).content, "\"leaveToken\":\"", "\"")), id);
  put(std::string(32, 'n'));
  ASSERT_TRUE(Eventually([&] { return !config_.delivery.Signing()->ReadLeaveToken(old_key->LeaveToken(id)); }));
  Publish();
  ASSERT_TRUE(Arrives(3));
  EXPECT_FALSE(signed_by(mailbox_->At(2), *old_key));
  EXPECT_TRUE(signed_by(mailbox_->At(2), *new_key));
}

// Two replicas that both believe to have the partition, or one that was only slow.
TEST_F(SenderTest, WhatIsHandedOverTwiceIsSentOnce) {
  Confirm(Between((Hear(v1::SUBSCRIBER_CHANNEL_MAIL, "kim@example.com"), mailbox_->At(0).content),
                  "confirm?token=", "\r\n"));
  Sender other(replica_->streams(), config_.delivery,
               [this](v1::SubscriberChannel, const GiveUp&) { return std::make_unique<ToMailbox>(mailbox_); });
  const std::string notice = Publish();
  for (int i = 0; i < 20; ++i) {
    const auto row =
        *kSubscribers.Get(store_, config_.delivery.key->SubscriberId(v1::SUBSCRIBER_CHANNEL_MAIL, "kim@example.com"));
    config_.delivery.outbox->Put(v1::SUBSCRIBER_CHANNEL_MAIL,
                                 {row.view().subscriber_id(), row.delivery_id(), row.attempt()});
    Run();
  }
  ASSERT_TRUE(Arrives(2));
  Pass(absl::Minutes(10));
  EXPECT_EQ(mailbox_->Count(), 2u);
  End();
}

}  // namespace
}  // namespace throughline::outage

#include "services/outage-notice/projections/subscribers.h"

#include <map>

#include <gmock/gmock.h>

#include "services/outage-notice/domain/subscriber.h"
#include "services/outage-notice/testing.h"

namespace throughline::outage {
namespace {

using Settled = SettleDelivery::Outcome;
using ::testing::ElementsAre;

// A subscriber of the checkout, and a sender in the test's hands.
class Subscribers : public OutageNotice {
 protected:
  static constexpr char kId[] = "S1";

  std::optional<v1::SubscriberRow> Row() { return kSubscribers.Get(store_, kId); }
  v1::SubscriberState StateOf() {
    // What BeginDelivery answers, without beginning anything.
    auto answer = replica_->Send<Subscriber>(kId, BeginDelivery(), Ana());
    Run();
    return *(**answer)->state;
  }
  void Ask(const std::string& components = R"(component_ids: "checkout")") {
    Subscribe command;
    command.request =
        FromText<v1::SubscribeRequest>(R"(channel: SUBSCRIBER_CHANNEL_MAIL address: "kim@example.com")" + components);
    command.subscriber_id = kId;
    ASSERT_TRUE(Give<Subscriber>(kId, command, Ana()).ok());
  }
  void Confirm() {
    ConfirmSubscription confirm;
    confirm.request.set_request_id(StateOf().request().request_id());
    ASSERT_TRUE(Give<Subscriber>(kId, confirm, Ana()).ok());
  }
  void Hear() {
    DefineCheckout();
    Ask();
    Confirm();
    Pass(absl::Seconds(1));
    while (Due()) {
    }  // the question
  }
  // What the timers handed over, one at a time.
  std::optional<DueDelivery> Due() {
    Pass(absl::Milliseconds(60));
    Outbox& outbox = *config_.delivery.outbox;
    outbox.Put(v1::SUBSCRIBER_CHANNEL_MAIL, {"end", "", 0});
    auto due = outbox.Take(v1::SUBSCRIBER_CHANNEL_MAIL);
    if (due->subscriber_id == "end") return std::nullopt;
    EXPECT_EQ(outbox.Take(v1::SUBSCRIBER_CHANNEL_MAIL)->subscriber_id, "end") << "one at a time";
    return due;
  }
  bool Begin(const DueDelivery& due) {
    BeginDelivery begin;
    begin.request.set_delivery_id(due.delivery_id);
    begin.request.set_attempt(due.attempt);
    auto answer = replica_->Send<Subscriber>(due.subscriber_id, begin, Ana());
    Run();
    return !(**answer)->events.empty();
  }
  void Settle(const DueDelivery& due, Settled outcome, const std::string& why = "") {
    SettleDelivery settle;
    settle.request.set_delivery_id(due.delivery_id);
    settle.request.set_why(why);
    settle.attempt = due.attempt;
    settle.outcome = outcome;
    ASSERT_TRUE(Give<Subscriber>(due.subscriber_id, settle, Ana()).ok());
  }
  // Sends everything that is due; the versions of notices that were sent, in order.
  std::vector<uint64_t> SendAll() {
    std::vector<uint64_t> sent;
    while (const auto due = Due()) {
      if (!Begin(*due)) continue;
      sent.push_back(StateOf().waiting(0).notice_version());
      Settle(*due, Settled::kSent);
    }
    return sent;
  }
  void Update(const std::string& notice, const std::string& text) {
    UpdateNotice update;
    update.request.set_notice_id(notice);
    update.request.set_text(text);
    *update.request.mutable_next_update_due() = runtime::ToProto(clock_.Now() + absl::Hours(1));
    update.request.set_expected_end_unknown(true);
    ASSERT_TRUE(Give<Notice>(notice, update, Ana()).ok());
  }
  void Resolve(const std::string& notice) {
    const auto request = FromText<v1::ResolveNoticeRequest>(R"(text: "It works." cause: "A disk" changed: "Logs")");
    ASSERT_TRUE(Give<Notice>(notice, request, Ana()).ok());
  }
};

TEST_F(Subscribers, AreAskedFirstAndExpireUnlessTheyConfirm) {
  DefineCheckout();
  Ask();
  EXPECT_FALSE(Row()->view().confirmed());
  const auto question = Due();
  ASSERT_TRUE(question);
  ASSERT_TRUE(Begin(*question));
  Settle(*question, Settled::kSent);
  Publish();
  EXPECT_FALSE(Due()) << "who has not confirmed hears nothing";
  Pass(absl::Hours(48));
  EXPECT_FALSE(Row()) << "it has expired";
  EXPECT_EQ(runtime::Counted(store_, kSubscribersConfirmed), 0);
}

TEST_F(Subscribers, HearEachThingThatIsToldOnceInOrderAndTheLastOneSurely) {
  Hear();
  EXPECT_EQ(runtime::Counted(store_, kSubscribersConfirmed), 1);
  const std::string notice = Publish();
  Update(notice, "We look.");
  Resolve(notice);
  EXPECT_EQ(runtime::Counted(store_, kDeliveriesWaiting), 3);
  EXPECT_THAT(SendAll(), ElementsAre(1, 2, 3));
  EXPECT_EQ(runtime::Counted(store_, kDeliveriesWaiting), 0);
  EXPECT_THAT(SendAll(), ElementsAre());
  EXPECT_EQ(Row()->view().sent_count(), 3u);
}

TEST_F(Subscribers, HearNothingOfOtherComponentsAndOfWhatCustomersAreNotTold) {
  Hear();
  EXPECT_TRUE(
      Give<Component>(
          "app", DefineComponent{FromText<v1::DefineComponentRequest>(R"(component_id: "app" name: "App")")}, Ana())
          .ok());
  PublishNotice other{FromText<v1::PublishNoticeRequest>(R"(kind: NOTICE_KIND_OUTAGE component_ids: "app" title: "Down"
      description: "x" next_update_due { seconds: 1772370000 } expected_end_unknown: true)"),
                      {}};
  const runtime::Caller ana = Ana();
  ASSERT_TRUE(Give<Notice>(runtime::DerivedId(ana, "notice"), other, ana).ok());
  EXPECT_THAT(SendAll(), ElementsAre());
  const std::string notice = Publish();
  EXPECT_THAT(SendAll(), ElementsAre(1));
  Pass(absl::Hours(2));  // the update is missed: shown, not sent
  EXPECT_THAT(SendAll(), ElementsAre());
}

TEST_F(Subscribers, OfAComponentThatWasNamedByMistakeHearTheCorrection) {
  Hear();
  EXPECT_TRUE(
      Give<Component>(
          "app", DefineComponent{FromText<v1::DefineComponentRequest>(R"(component_id: "app" name: "App")")}, Ana())
          .ok());
  const std::string notice = Publish();
  CorrectNotice correct;
  correct.request = FromText<v1::CorrectNoticeRequest>(R"(reason: "only the app" component_ids: "app")");
  ASSERT_TRUE(Give<Notice>(notice, correct, Ana()).ok());
  EXPECT_THAT(SendAll(), ElementsAre(1, 2));
  Update(notice, "We look.");
  EXPECT_THAT(SendAll(), ElementsAre());
  const auto told = kNews.Get(store_, notice, 2);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->news(), v1::NOTICE_NEWS_CORRECTED);
  EXPECT_EQ(told->reason(), "only the app");
}

TEST_F(Subscribers, WhatFailsIsTriedAgainAfterAPauseAndHoldsUpNoOrder) {
  Hear();
  const std::string notice = Publish();
  Update(notice, "We look.");
  auto due = Due();
  ASSERT_TRUE(due && Begin(*due));
  Settle(*due, Settled::kFailed, "451 later");
  EXPECT_FALSE(Due());
  EXPECT_EQ(Row()->view().why(), "451 later");
  EXPECT_EQ(Row()->view().failed_attempt_count(), 1u);
  Pass(absl::Minutes(1));
  EXPECT_THAT(SendAll(), ElementsAre(1, 2));
}

TEST_F(Subscribers, WhatWasBegunByASenderThatIsNoMoreIsSentAgainByItsSuccessorAndNothingElse) {
  Hear();
  const std::string notice = Publish();
  EXPECT_THAT(SendAll(), ElementsAre(1));
  Update(notice, "We look.");
  Update(notice, "We found it.");
  auto due = Due();
  ASSERT_TRUE(due && Begin(*due));
  const std::string in_flight = due->delivery_id;
  Restart();
  EXPECT_FALSE(Due()) << "its lease holds";
  Pass(absl::Minutes(2));
  auto again = Due();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->delivery_id, in_flight) << "the same message";
  EXPECT_EQ(again->attempt, 2u);
  ASSERT_TRUE(Begin(*again));
  Settle(*due, Settled::kFailed);  // the one before was only slow: too late
  EXPECT_TRUE(StateOf().sending());
  Settle(*again, Settled::kSent);
  EXPECT_THAT(SendAll(), ElementsAre(3));
}

TEST_F(Subscribers, WhatWaitsWhenTheServiceIsKilledIsSentAfterwards) {
  Hear();
  const std::string notice = Publish();
  ASSERT_TRUE(Due()) << "handed over, and lost with the process";
  Restart();
  EXPECT_THAT(SendAll(), ElementsAre(1));
}

TEST_F(Subscribers, DeadLettersAreListedAndResent) {
  Hear();
  const std::string notice = Publish();
  auto due = Due();
  ASSERT_TRUE(due && Begin(*due));
  Settle(*due, Settled::kRefused, "550 no such mailbox");
  const auto dead = ListDeadLetters(store_, {});
  ASSERT_TRUE(dead.ok());
  ASSERT_EQ(dead->dead_letters_size(), 1);
  const v1::DeadLetterView& letter = dead->dead_letters(0);
  EXPECT_EQ(letter.notice_id(), notice);
  EXPECT_EQ(letter.address(), "kim@example.com");
  EXPECT_EQ(letter.why(), "550 no such mailbox");
  EXPECT_EQ(runtime::Counted(store_, kDeliveriesDead), 1);
  v1::ResendDeadLetterRequest resend;
  resend.set_subscriber_id(kId);
  resend.set_delivery_id(letter.delivery_id());
  ASSERT_TRUE(Give<Subscriber>(kId, resend, Ana()).ok());
  EXPECT_EQ(ListDeadLetters(store_, {})->dead_letters_size(), 0);
  EXPECT_THAT(SendAll(), ElementsAre(1));
  EXPECT_EQ(runtime::Counted(store_, kDeliveriesDead), 0);
}

TEST_F(Subscribers, WhoLeftHearsNothingAndIsFoundNowhere) {
  Hear();
  const std::string notice = Publish();
  EndSubscription leave;
  leave.request.set_reason(v1::SUBSCRIPTION_END_LEFT);
  ASSERT_TRUE(Give<Subscriber>(kId, leave, Ana()).ok());
  EXPECT_THAT(SendAll(), ElementsAre());
  Update(notice, "We look.");
  EXPECT_THAT(SendAll(), ElementsAre());
  EXPECT_FALSE(Row());
  EXPECT_EQ(ListSubscribers(store_, {})->subscribers_size(), 0);
  EXPECT_EQ(runtime::Counted(store_, kSubscribersConfirmed), 0);
  EXPECT_EQ(runtime::Counted(store_, kDeliveriesWaiting), 0);
}

TEST_F(Subscribers, AreListedByComponent) {
  Hear();
  v1::ListSubscribersRequest request;
  EXPECT_EQ(ListSubscribers(store_, request)->subscribers_size(), 1);
  request.set_component_id("checkout");
  EXPECT_EQ(ListSubscribers(store_, request)->subscribers(0).address(), "kim@example.com");
  request.set_component_id("app");
  EXPECT_EQ(ListSubscribers(store_, request)->subscribers_size(), 0);
}

// So that an operator sees who still relies on a key before it is removed.
TEST_F(Subscribers, AreCountedByTheKeyThatTheirSecretFollowsFrom) {
  DefineCheckout();
  const auto ask = [&](const std::string& key_id) {
    Subscribe command;
    command.request = FromText<v1::SubscribeRequest>(
        R"(channel: SUBSCRIBER_CHANNEL_WEBHOOK address: "https://hook.invalid/x" component_ids: "checkout")");
    command.subscriber_id = kId;
    command.key_id = key_id;
    ASSERT_TRUE(Give<Subscriber>(kId, command, Ana()).ok());
  };
  using Counts = std::map<std::string, double>;
  const auto counts = [&] {
    const auto all = SecretsOfKeys(store_, "lasting");
    return Counts(all.begin(), all.end());
  };
  const auto shown = [&] { return ListSubscribers(store_, {}, "lasting")->subscribers(0).secret_key_id(); };
  ask("");
  EXPECT_EQ(counts(), (Counts{{"lasting", 1}})) << "a request from before keys had ids";
  EXPECT_EQ(shown(), "lasting");
  Confirm();
  EXPECT_EQ(counts(), (Counts{{"lasting", 1}}));
  ask("one");
  EXPECT_EQ(counts(), (Counts{{"lasting", 1}, {"one", 1}})) << "the one that signs, and the one that will";
  EXPECT_EQ(shown(), "lasting");
  Confirm();
  EXPECT_EQ(counts(), (Counts{{"lasting", 0}, {"one", 1}}));
  EXPECT_EQ(shown(), "one");
  RotateWebhookSecret rotate;
  rotate.key_id = "two";
  const runtime::Caller ana = Ana();
  ASSERT_TRUE(Give<Subscriber>(kId, rotate, ana).ok());
  rotate.key_id = "three";
  EXPECT_EQ(Give<Subscriber>(kId, rotate, ana), absl::OkStatus()) << "a retry after the keys were rotated";
  EXPECT_EQ(counts(), (Counts{{"lasting", 0}, {"one", 0}, {"two", 1}}));
  EXPECT_EQ(shown(), "two");
  EndSubscription leave;
  leave.request.set_reason(v1::SUBSCRIPTION_END_LEFT);
  ASSERT_TRUE(Give<Subscriber>(kId, leave, Ana()).ok());
  EXPECT_EQ(counts(), (Counts{{"lasting", 0}, {"one", 0}, {"two", 0}}));
}

TEST_F(Subscribers, ByMailHaveNoSecret) {
  Hear();
  EXPECT_TRUE(SecretsOfKeys(store_, "lasting").empty());
  EXPECT_EQ(ListSubscribers(store_, {}, "lasting")->subscribers(0).secret_key_id(), "");
}

// What was told before is told to nobody who came later, also by a service that was away.
TEST_F(Subscribers, HearOnlyWhatIsToldAfterTheyConfirmed) {
  DefineCheckout();
  Publish();
  Ask();
  Confirm();
  EXPECT_THAT(SendAll(), ElementsAre());
}

TEST_F(Subscribers, NoAddressStandsInAKey) {
  Hear();
  Publish();
  store_.Scan("", "", [](std::string_view key, std::string_view) {
    EXPECT_EQ(key.find("kim@"), std::string_view::npos) << key;
    return true;
  });
}

}  // namespace
}  // namespace throughline::outage

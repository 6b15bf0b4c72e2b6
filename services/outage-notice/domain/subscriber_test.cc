#include "services/outage-notice/domain/subscriber.h"

#include <gtest/gtest.h>

#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/testing_given.h"
#include "libs/runtime/domain/time.h"

namespace throughline::outage {
namespace {

using runtime::testing::By;
using runtime::testing::FromText;
using runtime::testing::Noon;
using Outcome = SettleDelivery::Outcome;
using Subscription = runtime::testing::Given<Subscriber>;

// Noon is 1772366400.
constexpr char kRequested[] = R"(requested { subscriber_id: "s1" request_id: "r1" channel: SUBSCRIBER_CHANNEL_MAIL
    address: "kim@example.com" component_ids: "checkout" by: "shop" expires_at { seconds: 1772539200 }
    delivery_id: "q1" at { seconds: 1772366400 } })";
constexpr char kHears[] = R"(confirmed { request_id: "r1" at { seconds: 1772366400 } })";
constexpr char kHookRequested[] =
    R"(requested { subscriber_id: "s1" request_id: "r1" channel: SUBSCRIBER_CHANNEL_WEBHOOK
    address: "https://example.com/hook" by: "shop" expires_at { seconds: 1772539200 } delivery_id: "q1"
    at { seconds: 1772366400 } })";
constexpr char kQueued[] =
    R"(queued { delivery_id: "d1" notice_id: "n1" notice_version: 1 at { seconds: 1772366400 } })";
constexpr char kQueuedToo[] =
    R"(queued { delivery_id: "d2" notice_id: "n1" notice_version: 2 at { seconds: 1772366400 } })";
constexpr char kBegun[] = R"(begun { delivery_id: "d1" attempt: 1 until { seconds: 1772366520 } })";

runtime::Caller Shop(absl::Duration later = absl::ZeroDuration()) {
  return By("shop", common::v1::ROLE_SERVICE, "", Noon() + later);
}

Subscribe Asking(const std::string& more = "") {
  Subscribe command;
  command.request = FromText<v1::SubscribeRequest>(
      R"(channel: SUBSCRIBER_CHANNEL_MAIL address: "kim@example.com" component_ids: "checkout")");
  command.request.MergeFrom(FromText<v1::SubscribeRequest>(more));
  command.subscriber_id = "s1";
  return command;
}
ConfirmSubscription Confirming(const std::string& request_id = "r1") {
  ConfirmSubscription command;
  command.request.set_request_id(request_id);
  return command;
}
QueueUpdate Telling(const std::string& component, absl::Time at = Noon()) {
  QueueUpdate command;
  command.request.set_notice_id("n1");
  command.request.set_notice_version(1);
  *command.request.mutable_at() = runtime::ToProto(at);
  command.component_ids = {component};
  return command;
}
BeginDelivery Beginning(const std::string& id, uint32_t attempt) {
  BeginDelivery command;
  command.request.set_delivery_id(id);
  command.request.set_attempt(attempt);
  return command;
}
SettleDelivery Settling(const std::string& id, uint32_t attempt, Outcome outcome, const std::string& why = "") {
  SettleDelivery command;
  command.request.set_delivery_id(id);
  command.request.set_why(why);
  command.attempt = attempt;
  command.outcome = outcome;
  return command;
}

TEST(Subscriber, IsAskedBeforeItHears) {
  const std::string request = runtime::DerivedId(Shop(), "request"), delivery = runtime::DerivedId(Shop(), "delivery");
  Subscription()
      .When(Asking(), Shop())
      .Then({R"(requested { subscriber_id: "s1" request_id: ")" + request +
             R"(" channel: SUBSCRIBER_CHANNEL_MAIL address: "kim@example.com" component_ids: "checkout" by: "shop"
                expires_at { seconds: 1772539200 } delivery_id: ")" +
             delivery + R"(" at { seconds: 1772366400 } })"})
      .AndState([](const v1::SubscriberState& state) {
        EXPECT_FALSE(state.has_active());
        ASSERT_EQ(state.waiting_size(), 1);
        EXPECT_TRUE(IsQuestion(state.waiting(0)));
      });
  Subscription({kRequested}).When(Telling("checkout"), Shop()).Then({});
}

TEST(Subscriber, HearsOnceItHasConfirmed) {
  Subscription({kRequested}).When(Confirming(), Shop()).Then({kHears}).AndState([](const auto& state) {
    EXPECT_TRUE(state.has_active());
    EXPECT_TRUE(state.waiting().empty()) << "what was answered is not asked";
  });
  Subscription({kRequested, kHears}).When(Confirming(), Shop()).Then({});
  Subscription({kRequested}).When(Confirming("r2"), Shop()).ThenRefused(absl::StatusCode::kFailedPrecondition);
  Subscription().When(Confirming(), Shop()).ThenRefused(absl::StatusCode::kFailedPrecondition);
}

TEST(Subscriber, ARequestThatIsNotConfirmedExpires) {
  const Subscription asked({kRequested});
  asked.When(ExpireRequest(), Shop(absl::Hours(47))).Then({});
  asked.When(ExpireRequest(), Shop(absl::Hours(48)))
      .Then({R"(expired { request_id: "r1" })"})
      .AndState([](auto& state) {
        EXPECT_TRUE(IsNobody(state));
        EXPECT_TRUE(state.waiting().empty());
      });
  asked.When(Confirming(), Shop(absl::Hours(49))).ThenRefused(absl::StatusCode::kFailedPrecondition, "subscribe again");
}

TEST(Subscriber, AnAddressIsNotAskedAgainAndAgain) {
  std::vector<std::string> asked(SubscriptionRules::kQuestionsADay, kRequested);
  Subscription(asked).When(Asking(), Shop(absl::Hours(23))).Then({});
  Subscription(asked).When(Asking(), Shop(absl::Hours(24))).AndState([](const auto& state) {
    EXPECT_EQ(state.waiting_size(), 1) << "one question at a time";
  });
  asked.push_back(kHears);
  Subscription(asked).When(Asking(R"(component_ids: "app")"), Shop()).AndState([](const auto& state) {
    EXPECT_TRUE(state.has_request()) << "who answers is asked again";
    EXPECT_EQ(state.active().component_ids_size(), 1) << "until then it hears about what it heard about";
  });
}

TEST(Subscriber, ToAskForWhatItHearsAlreadyChangesNothing) {
  Subscription({kRequested, kHears}).When(Asking(), Shop()).Then({});
}

TEST(Subscriber, WhatItAsksForIsChecked) {
  Subscription().When(Asking(R"(address: "kim")"), Shop()).ThenRefused(absl::StatusCode::kInvalidArgument, "address");
  Subscribe nowhere = Asking();
  nowhere.request.clear_channel();
  Subscription().When(nowhere, Shop()).ThenRefused(absl::StatusCode::kInvalidArgument, "channel");
  Subscription()
      .When(Asking(R"(component_ids: "checkout")"), Shop())
      .ThenRefused(absl::StatusCode::kInvalidArgument, "duplicate");
  Subscribe unknown = Asking();
  unknown.unknown_components = {"checkout"};
  Subscription().When(unknown, Shop()).ThenRefused(absl::StatusCode::kFailedPrecondition, "checkout");
}

TEST(Subscriber, HearsAboutItsComponentsAndWhatWasToldSince) {
  const Subscription hears({kRequested, kHears});
  hears.When(Telling("checkout"), Shop())
      .Then({R"(queued { delivery_id: ")" + runtime::DerivedId(Shop(), "delivery") +
             R"(" notice_id: "n1" notice_version: 1 at { seconds: 1772366400 } })"});
  hears.When(Telling("app"), Shop()).Then({});
  hears.When(Telling("checkout", Noon() - absl::Seconds(1)), Shop()).Then({});
  Subscription({kHookRequested, kHears}).When(Telling("anything"), Shop()).AndState([](const auto& state) {
    EXPECT_EQ(state.waiting_size(), 1) << "no components: all";
  });
}

TEST(Subscriber, OneSenderWins) {
  const Subscription waits({kRequested, kHears, kQueued});
  waits.When(Beginning("d1", 1), Shop()).Then({kBegun});
  const Subscription sending({kRequested, kHears, kQueued, kBegun});
  sending.When(Beginning("d1", 1), Shop()).Then({});
  sending.When(Beginning("d1", 2), Shop(absl::Seconds(119))).Then({});
  sending.When(Beginning("d1", 2), Shop(absl::Minutes(2)))
      .Then({R"(begun { delivery_id: "d1" attempt: 2 until { seconds: 1772366640 } })"});
  waits.When(Beginning("d2", 1), Shop()).Then({});
}

TEST(Subscriber, MessagesAreSentInOrderOneAtATime) {
  const Subscription sending({kRequested, kHears, kQueued, kQueuedToo, kBegun});
  sending.When(Beginning("d2", 1), Shop()).Then({});
  sending.When(Settling("d1", 1, Outcome::kSent), Shop())
      .Then({R"(done { delivery_id: "d1" })"})
      .AndState([](const auto& state) {
        EXPECT_EQ(state.waiting(0).delivery_id(), "d2");
        EXPECT_FALSE(state.sending());
        EXPECT_EQ(state.sent_count(), 1u);
      });
  // Who comes late says nothing about the attempt that is under way.
  sending.When(Settling("d1", 2, Outcome::kSent), Shop()).Then({});
  Subscription({kRequested, kHears, kQueued}).When(Settling("d1", 0, Outcome::kSent), Shop()).Then({});
}

TEST(Subscriber, WhatFailsIsTriedAgainEverMoreSeldomAndGivenUpInTheEnd) {
  const auto failed = [](uint32_t attempt, absl::Duration later) {
    const std::string begun =
        "begun { delivery_id: \"d1\" attempt: " + std::to_string(attempt) + " until { seconds: 1772366520 } }";
    return Subscription({kRequested, kHears, kQueued, begun})
        .When(Settling("d1", attempt, Outcome::kFailed, "451"), Shop(later));
  };
  failed(1, absl::ZeroDuration()).Then({R"(failed { delivery_id: "d1" why: "451" retry_at { seconds: 1772366460 } })"});
  failed(3, absl::ZeroDuration()).Then({R"(failed { delivery_id: "d1" why: "451" retry_at { seconds: 1772366940 } })"});
  failed(20, absl::ZeroDuration())
      .Then({R"(failed { delivery_id: "d1" why: "451" retry_at { seconds: 1772395200 } })"});  // 8 hours
  failed(20, absl::Hours(65)).Then({R"(dead { delivery_id: "d1" why: "451" at { seconds: 1772600400 } })"});
}

TEST(Subscriber, AMessageWhoseSenderAlwaysEndsIsGivenUpToo) {
  Subscription({kRequested, kHears, kQueued, kBegun})
      .When(Beginning("d1", 2), Shop(absl::Hours(73)))
      .Then({R"(dead { delivery_id: "d1" why: "its sender ended in the middle of it" at { seconds: 1772629200 } })"});
  Subscription({kRequested, kHears, kQueued}).When(Beginning("d1", 1), Shop(absl::Hours(1000))).AndState([](auto& s) {
    EXPECT_TRUE(s.sending()) << "each is tried once";
  });
}

TEST(Subscriber, WhatIsRefusedIsADeadLetterAndTheNextIsSent) {
  Subscription({kRequested, kHears, kQueued, kQueuedToo, kBegun})
      .When(Settling("d1", 1, Outcome::kRefused, "550"), Shop())
      .Then({R"(dead { delivery_id: "d1" why: "550" at { seconds: 1772366400 } })"})
      .AndState([](const auto& state) {
        EXPECT_EQ(state.waiting(0).delivery_id(), "d2");
        EXPECT_EQ(state.dead(0).delivery_id(), "d1");
        EXPECT_FALSE(state.sending());
      });
}

TEST(Subscriber, ADeadLetterIsResentWithItsId) {
  const std::string dead = R"(dead { delivery_id: "d1" why: "550" at { seconds: 1772366400 } })";
  const Subscription has({kRequested, kHears, kQueued, kBegun, dead});
  const std::string resend = R"(subscriber_id: "s1" delivery_id: "d1")";
  has.When<v1::ResendDeadLetterRequest>(resend, Shop())
      .Then({R"(resent { delivery_id: "d1" by: "shop" at { seconds: 1772366400 } })"})
      .AndState([](const auto& state) {
        EXPECT_EQ(state.waiting(0).delivery_id(), "d1");
        EXPECT_EQ(state.waiting(0).attempts(), 0u);
        EXPECT_TRUE(state.dead().empty());
      });
  Subscription({kRequested, kHears})
      .When<v1::ResendDeadLetterRequest>(resend, Shop())
      .ThenRefused(absl::StatusCode::kNotFound);
  Subscription().When<v1::ResendDeadLetterRequest>(resend, Shop()).ThenRefused(absl::StatusCode::kNotFound);
}

TEST(Subscriber, TooManyThatWaitPushOutTheOldest) {
  std::vector<std::string> events{kRequested, kHears};
  for (int i = 0; i < SubscriptionRules::kMostWaiting; ++i) {
    events.push_back("queued { delivery_id: \"x" + std::to_string(i) + "\" notice_id: \"n0\" }");
  }
  events.emplace_back(R"(begun { delivery_id: "x0" attempt: 1 until { seconds: 1772366520 } })");
  Subscription(events).When(Telling("checkout"), Shop()).AndState([](const auto& state) {
    EXPECT_EQ(state.waiting_size(), SubscriptionRules::kMostWaiting);
    EXPECT_EQ(state.waiting(0).delivery_id(), "x0") << "what is being sent stays";
    EXPECT_EQ(state.dead(0).delivery_id(), "x1");
    EXPECT_EQ(state.waiting().rbegin()->notice_id(), "n1") << "the last one surely";
  });
}

TEST(Subscriber, WhoLeavesHearsNoMore) {
  const Subscription hears({kRequested, kHears, kQueued, kBegun});
  EndSubscription leave;
  leave.request.set_reason(v1::SUBSCRIPTION_END_LEFT);
  hears.When(leave, Shop()).Then({"ended { reason: SUBSCRIPTION_END_LEFT }"}).AndState([](const auto& state) {
    EXPECT_TRUE(IsNobody(state));
    EXPECT_TRUE(state.waiting().empty());
  });
  const std::string ended = "ended { reason: SUBSCRIPTION_END_LEFT }";
  const Subscription left({kRequested, kHears, kQueued, kBegun, ended});
  left.When(leave, Shop()).Then({});
  left.When(Telling("checkout"), Shop()).Then({});
  left.When(Settling("d1", 1, Outcome::kSent), Shop()).Then({});
  left.When(Confirming(), Shop()).ThenRefused(absl::StatusCode::kFailedPrecondition);
}

TEST(Subscriber, AnEndpointThatIsGoneHearsNoMore) {
  Subscription({kHookRequested, kHears, kQueued, kBegun})
      .When(Settling("d1", 1, Outcome::kGone, "answered 410"), Shop())
      .Then({R"(dead { delivery_id: "d1" why: "answered 410" at { seconds: 1772366400 } })",
             "ended { reason: SUBSCRIPTION_END_GONE }"});
}

TEST(Subscriber, ASecretIsRotatedAndTheOldOneOverlaps) {
  const Subscription hears({kHookRequested, kHears});
  hears.When(RotateWebhookSecret(), Shop())
      .Then({R"(secret_rotated { secret_id: ")" + runtime::DerivedId(Shop(), "secret") +
             R"(" old_secret_until { seconds: 1772452800 } })"})
      .AndState([](const auto& state) { EXPECT_EQ(state.old_secret_id(), "r1"); });
  Subscription({kRequested, kHears})
      .When(RotateWebhookSecret(), Shop())
      .ThenRefused(absl::StatusCode::kFailedPrecondition);
  Subscription().When(RotateWebhookSecret(), Shop()).ThenRefused(absl::StatusCode::kFailedPrecondition);
  // So it is when the same endpoint is subscribed anew.
  const std::string again = R"(requested { subscriber_id: "s1" request_id: "r2" channel: SUBSCRIBER_CHANNEL_WEBHOOK
      address: "https://example.com/hook" expires_at { seconds: 1772539200 } delivery_id: "q2"
      at { seconds: 1772366400 } })";
  Subscription({kHookRequested, kHears, again}).When(Confirming("r2"), Shop()).AndState([](const auto& state) {
    EXPECT_EQ(state.secret_id(), "r2");
    EXPECT_EQ(state.old_secret_id(), "r1");
  });
}

TEST(Subscriber, TheKeyThatAWebhooksSecretFollowsFromIsRecorded) {
  const std::string hook = R"(channel: SUBSCRIBER_CHANNEL_WEBHOOK address: "https://example.com/hook")";
  Subscribe mail = Asking(), webhook = Asking(hook);
  mail.key_id = webhook.key_id = "1a2b3c4d";
  Subscription().When(mail, Shop()).AndState([](const auto& state) { EXPECT_EQ(state.request().key_id(), ""); });
  Subscription().When(webhook, Shop()).AndState([](const auto& state) {
    EXPECT_EQ(state.request().key_id(), "1a2b3c4d");
    EXPECT_EQ(state.secret_key_id(), "") << "it does not sign yet";
  });
  const std::string by_key = R"(requested { subscriber_id: "s1" request_id: "r1" channel: SUBSCRIBER_CHANNEL_WEBHOOK
      address: "https://example.com/hook" key_id: "1a2b3c4d" expires_at { seconds: 1772539200 } })";
  Subscription({by_key}).When(Confirming(), Shop()).AndState([](const auto& state) {
    EXPECT_EQ(state.secret_key_id(), "1a2b3c4d");
  });
  RotateWebhookSecret rotate;
  rotate.key_id = "5e6f7a8b";
  Subscription({by_key, kHears}).When(rotate, Shop()).AndState([](const auto& state) {
    EXPECT_EQ(state.secret_key_id(), "5e6f7a8b");
  });
}

}  // namespace
}  // namespace throughline::outage

#include "services/outage-notice/delivery/sender.h"

#include <pthread.h>

#include "absl/strings/str_cat.h"
#include <spdlog/spdlog.h>

#include "libs/runtime/domain/ids.h"
#include "libs/runtime/kill_point.h"
#include "services/outage-notice/delivery/prepare.h"
#include "services/outage-notice/projections/tables.h"

namespace throughline::outage {
namespace {

constexpr int kMailThreads = 2;
constexpr int kWebhookThreads = 4;
constexpr absl::Duration kCommandTimeout = absl::Seconds(10);
constexpr absl::Duration kPause = absl::Seconds(1);
constexpr absl::Duration kGrace = absl::Seconds(5);

MakeTransport RealTransports(const DeliveryConfig& config) {
  return [config](v1::SubscriberChannel channel, const GiveUp& give_up) {
    return channel == v1::SUBSCRIBER_CHANNEL_MAIL ? MakeSmtp(config.smtp, config.timeout, give_up)
                                                  : MakeWebhookCaller(config.webhooks, config.timeout, give_up);
  };
}

// An answer that is waited for.
template <typename T>
struct Awaited {
  absl::Notification there;
  std::optional<T> answer;
};

}  // namespace

Sender::Sender(runtime::Streams& streams, const DeliveryConfig& config)
    : Sender(streams, config, RealTransports(config)) {}

Sender::Sender(runtime::Streams& streams, DeliveryConfig config, MakeTransport make)
    : streams_(streams), config_(std::move(config)), make_(std::move(make)) {
  config_.outbox->Open();
  for (int i = 0; i < kMailThreads; ++i) threads_.emplace_back([this] { Run(v1::SUBSCRIBER_CHANNEL_MAIL); });
  for (int i = 0; i < kWebhookThreads; ++i) threads_.emplace_back([this] { Run(v1::SUBSCRIBER_CHANNEL_WEBHOOK); });
  threads_.emplace_back([this] { FollowSecrets(); });
}

Sender::~Sender() {
  give_up_.At(absl::Now() + kGrace);
  ending_.Notify();
  config_.outbox->Close();
  for (std::thread& thread : threads_) thread.join();
}

void Sender::Run(v1::SubscriberChannel channel) {
  pthread_setname_np(pthread_self(), channel == v1::SUBSCRIBER_CHANNEL_MAIL ? "send-mail" : "send-webhook");
  const std::unique_ptr<Transport> transport = make_(channel, give_up_);
  while (const auto due = config_.outbox->Take(channel)) {
    try {
      Deliver(*due, *transport);
    } catch (const store::DamagedRow& damaged) {
      runtime::RowUnreadable(damaged).IgnoreError();  // tried again once its lease is over
    }
  }
}

void Sender::FollowSecrets() {
  pthread_setname_np(pthread_self(), "send-secrets");
  do {
    if (config_.signing_keys != nullptr) config_.signing_keys->LookForChanges();
    for (const auto& secret : {config_.smtp.password, config_.smtp.authorities, config_.webhooks.authorities}) {
      if (secret != nullptr) secret->LookForChanges();
    }
  } while (!ending_.WaitForNotificationWithTimeout(kPause));
}

void Sender::Deliver(const DueDelivery& due, Transport& transport) {
  const Begun state = Begin(due);
  if (state == nullptr) return;
  runtime::KillPoint("delivery-begun");
  const SendResult result = Send(due, *state, transport);
  runtime::KillPoint("delivery-sent");
  Settle(due, result);
}

template <typename Command>
std::optional<runtime::Outcome<Subscriber>> Sender::Do(const std::string& subscriber_id, const Command& command,
                                                       const std::string& command_id) {
  using Answer = absl::StatusOr<runtime::Outcome<Subscriber>>;
  do {
    runtime::Caller caller;
    caller.id = "throughline.outage-notice.sender";
    caller.roles = {common::v1::ROLE_SERVICE};
    caller.command_id = command_id;
    caller.time = streams_.clock().Trusted();
    const auto awaited = std::make_shared<Awaited<Answer>>();
    streams_.Execute<Subscriber>({Subscriber::kKind, subscriber_id}, command, caller, caller.time + kCommandTimeout,
                                 [awaited](Answer answer) {
                                   awaited->answer.emplace(std::move(answer));
                                   awaited->there.Notify();
                                 });
    awaited->there.WaitForNotification();
    Answer& answer = *awaited->answer;
    if (answer.ok()) return *std::move(answer);
    if (runtime::IsRefusal(answer.status())) {
      spdlog::warn("a delivery of subscriber {} is not told of: {}", subscriber_id,
                   std::string(answer.status().message()));
      return std::nullopt;
    }
  } while (!ending_.WaitForNotificationWithTimeout(kPause));
  return std::nullopt;
}

Sender::Begun Sender::Begin(const DueDelivery& due) {
  BeginDelivery begin;
  begin.request.set_delivery_id(due.delivery_id);
  begin.request.set_attempt(due.attempt);
  begin.rules = config_.rules;
  // The id is ours alone: another sender's command to begin is another one.
  const auto outcome = Do(due.subscriber_id, begin, runtime::RandomId());
  if (!outcome || outcome->state->waiting().empty()) return nullptr;
  const v1::SubscriberState& state = *outcome->state;
  const v1::SubscriberState::Delivery& first = state.waiting(0);
  if (first.delivery_id() != due.delivery_id) return nullptr;
  const bool begun = !outcome->events.empty() || outcome->repeated;
  if (begun && state.sending() && first.attempts() == due.attempt) return outcome->state;
  if (!state.sending() && first.attempts() + 1 == due.attempt) {
    // Its time has not come, by a clock that was set back: its timer does not fire again, so it waits here.
    ending_.WaitForNotificationWithTimeout(kPause);
    config_.outbox->Put(AddressOf(state).channel(), due);
  }
  return nullptr;
}

std::optional<v1::NoticeUpdateMessage> Sender::WhatIsTold(const v1::SubscriberState::Delivery& delivery) {
  const auto look = [&] {
    return kNews.Get(*streams_.View(), delivery.notice_id(), static_cast<int64_t>(delivery.notice_version()));
  };
  if (IsQuestion(delivery)) return std::nullopt;
  if (auto told = look()) return told;
  // This replica may lag behind the one that queued the delivery.
  const auto awaited = std::make_shared<Awaited<absl::Status>>();
  streams_.AfterPresent(streams_.clock().Trusted() + kCommandTimeout, [awaited](const absl::Status& status) {
    awaited->answer.emplace(status);
    awaited->there.Notify();
  });
  awaited->there.WaitForNotification();
  return look();
}

SendResult Sender::Send(const DueDelivery& due, const v1::SubscriberState& state, Transport& transport) {
  const v1::SubscriberState::Delivery& delivery = state.waiting(0);
  const auto told = WhatIsTold(delivery);
  if (!told && !IsQuestion(delivery)) return {SettleDelivery::Outcome::kFailed, "the notice is not folded here yet"};
  if (AddressOf(state).channel() == v1::SUBSCRIBER_CHANNEL_MAIL && config_.smtp.url.empty()) {
    return {SettleDelivery::Outcome::kFailed, "no mail is sent: `smtp.url` is not set"};
  }
  const auto message = Prepare(config_, due.subscriber_id, state, told ? &*told : nullptr, streams_.clock().Trusted());
  if (!message.ok()) return {SettleDelivery::Outcome::kRefused, std::string(message.status().message())};
  return transport.Send(*message);
}

void Sender::Settle(const DueDelivery& due, const SendResult& result) {
  SettleDelivery settle;
  settle.request.set_delivery_id(due.delivery_id);
  settle.request.set_why(result.why);
  settle.attempt = due.attempt;
  settle.outcome = result.outcome;
  settle.rules = config_.rules;
  Do(due.subscriber_id, settle, runtime::RandomId());
}

}  // namespace throughline::outage

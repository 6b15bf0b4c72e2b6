// How a subscriber's messages are sent: queued, begun, settled.

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "services/outage-notice/domain/subscriber.h"

namespace throughline::outage {
namespace {

using runtime::FromProto;
using runtime::ToProto;

constexpr size_t kMostWhy = 512;

bool Hears(const v1::SubscriptionRequested& active, const std::vector<std::string>& component_ids) {
  return active.component_ids().empty() || absl::c_any_of(component_ids, [&](const std::string& id) {
           return absl::c_linear_search(active.component_ids(), id);
         });
}

v1::SubscriberEvent Dead(const std::string& delivery_id, const std::string& why, absl::Time now) {
  v1::SubscriberEvent event;
  event.mutable_dead()->set_delivery_id(delivery_id);
  event.mutable_dead()->set_why(why);
  *event.mutable_dead()->mutable_at() = ToProto(now);
  return event;
}

v1::SubscriberEvent Gone() {
  v1::SubscriberEvent event;
  event.mutable_ended()->set_reason(v1::SUBSCRIPTION_END_GONE);
  return event;
}

// The n-th failure is followed by a pause three times as long as that of the one before.
absl::Duration PauseAfter(uint32_t attempt, const SubscriptionRules& rules) {
  absl::Duration pause = rules.retry_after;
  for (uint32_t i = 1; i < attempt && pause < rules.retry_at_least_every; ++i) pause *= 3;
  return std::min(pause, rules.retry_at_least_every);
}

}  // namespace

Subscriber::Decision Subscriber::Decide(const State& state, const QueueUpdate& command, const runtime::Caller& caller) {
  const v1::DeliveryQueued& told = command.request;
  if (!state.has_active() || FromProto(state.active_since()) > FromProto(told.at()) ||
      !Hears(state.active(), command.component_ids)) {
    return std::vector<Event>();
  }
  std::vector<Event> events;
  if (state.waiting_size() >= SubscriptionRules::kMostWaiting) {
    const auto& oldest = state.waiting(state.sending() ? 1 : 0);
    events.push_back(Dead(oldest.delivery_id(), "too many later messages waited behind it", caller.time));
  }
  auto& queued = *events.emplace_back().mutable_queued();
  queued.set_delivery_id(runtime::DerivedId(caller, "delivery"));
  queued.set_notice_id(told.notice_id());
  queued.set_notice_version(told.notice_version());
  *queued.mutable_at() = ToProto(caller.time);
  return events;
}

Subscriber::Decision Subscriber::Decide(const State& state, const BeginDelivery& command,
                                        const runtime::Caller& caller) {
  if (state.waiting().empty()) return std::vector<Event>();
  const State::Delivery& first = state.waiting(0);
  const bool due = first.delivery_id() == command.request.delivery_id() &&
                   first.attempts() + 1 == command.request.attempt() &&
                   FromProto(state.next_attempt_at()) <= caller.time;
  if (!due) return std::vector<Event>();
  if (first.attempts() > 0 && FromProto(first.queued_at()) + command.rules.give_up_after < caller.time) {
    const std::string why = first.why().empty() ? "its sender ended in the middle of it" : first.why();
    return std::vector{Dead(first.delivery_id(), why, caller.time)};
  }
  Event event;
  event.mutable_begun()->set_delivery_id(first.delivery_id());
  event.mutable_begun()->set_attempt(first.attempts() + 1);
  *event.mutable_begun()->mutable_until() = ToProto(caller.time + command.rules.lease);
  return std::vector{std::move(event)};
}

Subscriber::Decision Subscriber::Decide(const State& state, const SettleDelivery& command,
                                        const runtime::Caller& caller) {
  using Outcome = SettleDelivery::Outcome;
  if (state.waiting().empty() || !state.sending()) return std::vector<Event>();
  const State::Delivery& first = state.waiting(0);
  if (first.delivery_id() != command.request.delivery_id() || first.attempts() != command.attempt) {
    return std::vector<Event>();
  }
  const std::string why = command.request.why().substr(0, kMostWhy);
  const absl::Time retry_at = caller.time + PauseAfter(command.attempt, command.rules);
  Event event;
  switch (command.outcome) {
    case Outcome::kSent:
      event.mutable_done()->set_delivery_id(first.delivery_id());
      return std::vector{std::move(event)};
    case Outcome::kRefused:
      return std::vector{Dead(first.delivery_id(), why, caller.time)};
    case Outcome::kGone:
      return std::vector{Dead(first.delivery_id(), why, caller.time), Gone()};
    case Outcome::kFailed:
      break;
  }
  if (FromProto(first.queued_at()) + command.rules.give_up_after < retry_at) {
    return std::vector{Dead(first.delivery_id(), why, caller.time)};
  }
  event.mutable_failed()->set_delivery_id(first.delivery_id());
  event.mutable_failed()->set_why(why);
  *event.mutable_failed()->mutable_retry_at() = ToProto(retry_at);
  return std::vector{std::move(event)};
}

Subscriber::Decision Subscriber::Decide(const State& state, const v1::ResendDeadLetterRequest& request,
                                        const runtime::Caller& caller) {
  const auto is_it = [&](const State::Delivery& letter) { return letter.delivery_id() == request.delivery_id(); };
  if (absl::c_any_of(state.waiting(), is_it)) return std::vector<Event>();
  if (IsNobody(state)) {
    return runtime::Refuse(absl::StatusCode::kNotFound, "SUBSCRIBER_UNKNOWN",
                           "nobody who hears has this id: look at `ListSubscribers`");
  }
  if (absl::c_none_of(state.dead(), is_it)) {
    return runtime::Refuse(absl::StatusCode::kNotFound, "DEAD_LETTER_UNKNOWN",
                           "the subscriber has no such dead letter: look at `ListDeadLetters`");
  }
  Event event;
  event.mutable_resent()->set_delivery_id(request.delivery_id());
  event.mutable_resent()->set_by(caller.id);
  *event.mutable_resent()->mutable_at() = ToProto(caller.time);
  return std::vector{std::move(event)};
}

}  // namespace throughline::outage

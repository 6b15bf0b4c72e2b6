#include "services/outage-notice/domain/subscriber.h"

#include <set>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "services/outage-notice/domain/address.h"
#include "services/outage-notice/domain/component.h"

namespace throughline::outage {
namespace {

using runtime::FromProto;
using runtime::ToProto;

absl::Status Check(const Subscribe& command) {
  const v1::SubscribeRequest& request = command.request;
  if (absl::Status status = CheckAddress(request.channel(), request.address()); !status.ok()) return status;
  runtime::FieldViolations bad;
  std::set<std::string> seen;
  for (int i = 0; i < request.component_ids_size(); ++i) {
    const std::string field = absl::StrCat("component_ids[", i, "]");
    if (!IsComponentId(request.component_ids(i))) bad.Add(field, kNotAComponentId);
    if (!seen.insert(request.component_ids(i)).second) bad.Add(field, "is a duplicate: leave it out");
  }
  if (absl::Status status = bad.ToStatus(); !status.ok()) return status;
  if (command.unknown_components.empty()) return absl::OkStatus();
  return runtime::Refuse(
      absl::StatusCode::kFailedPrecondition, "COMPONENT_UNKNOWN",
      absl::StrCat("not defined: ", absl::StrJoin(command.unknown_components, ", "), "; check the id"));
}

bool SameComponents(const v1::SubscriptionRequested& a, const v1::SubscribeRequest& b) {
  return std::set<std::string>(a.component_ids().begin(), a.component_ids().end()) ==
         std::set<std::string>(b.component_ids().begin(), b.component_ids().end());
}

bool IsAskedOften(const v1::SubscriberState& state, absl::Time now) {
  return state.asked() >= SubscriptionRules::kQuestionsADay && now < FromProto(state.asked_at()) + absl::Hours(24);
}

// A secret that a webhook asks for anew is never the one that it has.
bool HearsAlready(const v1::SubscriberState& state, const v1::SubscribeRequest& request) {
  return request.channel() == v1::SUBSCRIBER_CHANNEL_MAIL && state.has_active() &&
         SameComponents(state.active(), request);
}

// The question of a request that is answered, or asked anew, is not sent.
void DropQuestion(v1::SubscriberState& state, const std::string& delivery_id) {
  auto& waiting = *state.mutable_waiting();
  for (int i = 0; i < waiting.size(); ++i) {
    if (waiting[i].delivery_id() != delivery_id) continue;
    if (i == 0) {
      state.set_sending(false);
      state.clear_next_attempt_at();
    }
    waiting.DeleteSubrange(i, 1);
    return;
  }
}

void Request(v1::SubscriberState& state, const v1::SubscriptionRequested& requested) {
  if (state.has_request()) DropQuestion(state, state.request().delivery_id());
  const bool same_day = FromProto(requested.at()) < FromProto(state.asked_at()) + absl::Hours(24);
  if (!same_day || state.asked() == 0) *state.mutable_asked_at() = requested.at();
  state.set_asked(same_day ? state.asked() + 1 : 1);
  *state.mutable_request() = requested;
  auto& question = *state.add_waiting();
  question.set_delivery_id(requested.delivery_id());
  *question.mutable_queued_at() = requested.at();
}

void UseSecret(v1::SubscriberState& state, const std::string& secret_id, const std::string& key_id, bool overlaps,
               const google::protobuf::Timestamp& old_until) {
  state.clear_old_secret_id();
  state.clear_old_secret_until();
  if (overlaps) {
    state.set_old_secret_id(state.secret_id());
    *state.mutable_old_secret_until() = old_until;
  }
  state.set_secret_id(secret_id);
  state.set_secret_key_id(key_id);
}

void Confirm(v1::SubscriberState& state, const v1::SubscriptionConfirmed& confirmed) {
  DropQuestion(state, state.request().delivery_id());
  if (!state.has_active()) *state.mutable_active_since() = confirmed.at();
  *state.mutable_active() = state.request();
  state.clear_request();
  state.set_confirmed_request_id(confirmed.request_id());
  state.clear_asked();
  UseSecret(state, confirmed.request_id(), state.active().key_id(), confirmed.has_old_secret_until(),
            confirmed.old_secret_until());
}

// What it was asked and sent stays counted.
void End(v1::SubscriberState& state) {
  v1::SubscriberState ended;
  *ended.mutable_asked_at() = state.asked_at();
  ended.set_asked(state.asked());
  ended.set_sent_count(state.sent_count());
  state = std::move(ended);
}

// The first of those that wait is over.
v1::SubscriberState::Delivery TakeFirst(v1::SubscriberState& state) {
  v1::SubscriberState::Delivery first = std::move(*state.mutable_waiting(0));
  state.mutable_waiting()->DeleteSubrange(0, 1);
  state.set_sending(false);
  state.clear_next_attempt_at();
  return first;
}

void Bury(v1::SubscriberState& state, const v1::DeliveryDead& dead) {
  auto& waiting = *state.mutable_waiting();
  const auto found =
      absl::c_find_if(waiting, [&](const auto& delivery) { return delivery.delivery_id() == dead.delivery_id(); });
  if (found == waiting.end()) return;
  v1::SubscriberState::Delivery letter;
  if (found == waiting.begin()) {
    letter = TakeFirst(state);
  } else {
    letter = *found;
    waiting.erase(found);
  }
  letter.set_why(dead.why());
  *letter.mutable_dead_at() = dead.at();
  *state.add_dead() = std::move(letter);
  if (state.dead_size() > SubscriptionRules::kMostDead) state.mutable_dead()->DeleteSubrange(0, 1);
}

void Resend(v1::SubscriberState& state, const v1::DeliveryResent& resent) {
  auto& dead = *state.mutable_dead();
  for (int i = 0; i < dead.size(); ++i) {
    if (dead[i].delivery_id() != resent.delivery_id()) continue;
    auto& again = *state.add_waiting();
    again = std::move(dead[i]);
    dead.DeleteSubrange(i, 1);
    again.clear_dead_at();
    again.clear_attempts();
    *again.mutable_queued_at() = resent.at();
    return;
  }
}

void Queue(v1::SubscriberState& state, const v1::DeliveryQueued& queued) {
  auto& delivery = *state.add_waiting();
  delivery.set_delivery_id(queued.delivery_id());
  delivery.set_notice_id(queued.notice_id());
  delivery.set_notice_version(queued.notice_version());
  *delivery.mutable_queued_at() = queued.at();
}

}  // namespace

Subscriber::Decision Subscriber::Decide(const State& state, const Subscribe& command, const runtime::Caller& caller) {
  if (absl::Status status = Check(command); !status.ok()) return status;
  if (HearsAlready(state, command.request) || IsAskedOften(state, caller.time)) return std::vector<Event>();
  Event event;
  auto& requested = *event.mutable_requested();
  requested.set_subscriber_id(command.subscriber_id);
  requested.set_request_id(runtime::DerivedId(caller, "request"));
  requested.set_channel(command.request.channel());
  requested.set_address(command.request.address());
  *requested.mutable_component_ids() = command.request.component_ids();
  requested.set_by(caller.id);
  *requested.mutable_expires_at() = ToProto(caller.time + command.rules.confirm_within);
  requested.set_delivery_id(runtime::DerivedId(caller, "delivery"));
  *requested.mutable_at() = ToProto(caller.time);
  if (requested.channel() == v1::SUBSCRIBER_CHANNEL_WEBHOOK) requested.set_key_id(command.key_id);
  return std::vector{std::move(event)};
}

Subscriber::Decision Subscriber::Decide(const State& state, const ConfirmSubscription& command,
                                        const runtime::Caller& caller) {
  const std::string& request_id = command.request.request_id();
  if (state.has_active() && state.confirmed_request_id() == request_id) return std::vector<Event>();
  if (state.request().request_id() != request_id || FromProto(state.request().expires_at()) < caller.time) {
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "SUBSCRIPTION_EXPIRED",
                           "this can no longer be confirmed: subscribe again");
  }
  Event event;
  auto& confirmed = *event.mutable_confirmed();
  confirmed.set_request_id(request_id);
  *confirmed.mutable_at() = ToProto(caller.time);
  if (state.has_active()) {
    *confirmed.mutable_old_secret_until() = ToProto(caller.time + command.rules.secret_overlap);
  }
  return std::vector{std::move(event)};
}

Subscriber::Decision Subscriber::Decide(const State& state, const RotateWebhookSecret& command,
                                        const runtime::Caller& caller) {
  if (!state.has_active()) {
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "NOT_SUBSCRIBED",
                           "this address hears nothing: subscribe it again");
  }
  if (state.active().channel() != v1::SUBSCRIBER_CHANNEL_WEBHOOK) {
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "NOT_A_WEBHOOK", "only webhooks have a secret");
  }
  Event event;
  auto& rotated = *event.mutable_secret_rotated();
  rotated.set_secret_id(runtime::DerivedId(caller, "secret"));
  rotated.set_key_id(command.key_id);
  *rotated.mutable_old_secret_until() = ToProto(caller.time + command.rules.secret_overlap);
  return std::vector{std::move(event)};
}

Subscriber::Decision Subscriber::Decide(const State& state, const EndSubscription& command, const runtime::Caller&) {
  if (IsNobody(state)) return std::vector<Event>();
  Event event;
  *event.mutable_ended() = command.request;
  return std::vector{std::move(event)};
}

Subscriber::Decision Subscriber::Decide(const State& state, const ExpireRequest&, const runtime::Caller& caller) {
  if (!state.has_request() || FromProto(state.request().expires_at()) > caller.time) return std::vector<Event>();
  Event event;
  event.mutable_expired()->set_request_id(state.request().request_id());
  return std::vector{std::move(event)};
}

void Subscriber::Evolve(State& state, const Event& event) {
  switch (event.event_case()) {
    case Event::kRequested:
      return Request(state, event.requested());
    case Event::kConfirmed:
      return Confirm(state, event.confirmed());
    case Event::kExpired:
      if (!state.has_active()) return End(state);
      DropQuestion(state, state.request().delivery_id());
      return state.clear_request();
    case Event::kEnded:
      return End(state);
    case Event::kSecretRotated:
      return UseSecret(state, event.secret_rotated().secret_id(), event.secret_rotated().key_id(), true,
                       event.secret_rotated().old_secret_until());
    case Event::kQueued:
      return Queue(state, event.queued());
    case Event::kBegun:
      if (state.waiting().empty()) return;
      state.mutable_waiting(0)->set_attempts(event.begun().attempt());
      state.set_sending(true);
      *state.mutable_next_attempt_at() = event.begun().until();
      return;
    case Event::kDone:
      if (!state.waiting().empty()) TakeFirst(state);
      return state.set_sent_count(state.sent_count() + 1);
    case Event::kFailed:
      if (state.waiting().empty()) return;
      state.mutable_waiting(0)->set_why(event.failed().why());
      state.set_sending(false);
      *state.mutable_next_attempt_at() = event.failed().retry_at();
      return;
    case Event::kDead:
      return Bury(state, event.dead());
    case Event::kResent:
      return Resend(state, event.resent());
    case Event::EVENT_NOT_SET:
      return;
  }
}

}  // namespace throughline::outage

#pragma once

// The rules of a subscriber, the stream `subscriber/<id>`: an address is asked whether it wants to hear, hears once it
// has confirmed that, and hears no more when it leaves. Its messages are sent one after another, each in attempts: an
// attempt is begun before anything is sent, and settled afterwards. So of all replicas one sends, and if it is
// killed in the middle only that one message may come twice. What fails is tried again ever more seldom, and is a dead
// letter in the end.
//
// Pure functions; any thread.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/runtime/domain/caller.h"
#include "throughline/outage/v1/state.pb.h"
#include "throughline/outage/v1/subscriber.pb.h"
#include "throughline/outage/v1/subscriptions.pb.h"

namespace throughline::outage {

struct SubscriptionRules {
  absl::Duration confirm_within = absl::Hours(48);  // a request that is not confirmed by then expires
  absl::Duration secret_overlap = absl::Hours(24);  // for how long the webhook secret of before signs, too
  absl::Duration retry_after = absl::Minutes(1);    // after the first failure; three times as long after each other
  absl::Duration retry_at_least_every = absl::Hours(8);  // but never longer
  absl::Duration give_up_after = absl::Hours(72);        // from when the message was queued
  absl::Duration lease = absl::Minutes(2);               // a sender that has said nothing by then is no more

  static constexpr uint32_t kQuestionsADay = 5;  // to an address that does not answer them
  static constexpr int kMostWaiting = 100;       // the oldest of more is a dead letter
  static constexpr int kMostDead = 100;          // the oldest of more is forgotten
};

// Commands that carry facts besides the request, or that have no request.
struct Subscribe {
  v1::SubscribeRequest request;
  std::string subscriber_id;
  std::vector<std::string> unknown_components;  // named by the request, but not defined
  SubscriptionRules rules = {};
  std::string key_id = {};  // the signing key that a webhook's secret follows from
};
struct ConfirmSubscription {
  v1::SubscriptionConfirmed request;  // only `request_id`
  SubscriptionRules rules = {};
};
struct RotateWebhookSecret {
  v1::WebhookSecretRotated request;  // empty
  SubscriptionRules rules = {};
  std::string key_id = {};  // as Subscribe's: not of the request, so that a retry after keys were rotated is the same
};
struct EndSubscription {
  v1::SubscriptionEnded request;
};
struct ExpireRequest {
  v1::SubscriptionExpired request;  // empty
};
// Customers are told something about a notice.
struct QueueUpdate {
  v1::DeliveryQueued request;              // `notice_id`, `notice_version`, and `at`: when they were told
  std::vector<std::string> component_ids;  // which it is about
};
struct BeginDelivery {
  v1::DeliveryBegun request;  // `delivery_id`, and `attempt`: which one this is
  SubscriptionRules rules = {};
};
struct SettleDelivery {
  enum class Outcome { kSent, kFailed, kRefused, kGone };
  v1::DeliveryFailed request;  // `delivery_id` and `why`
  uint32_t attempt = 0;
  Outcome outcome = Outcome::kSent;
  SubscriptionRules rules = {};
};

struct Subscriber {
  static constexpr char kKind[] = "subscriber";
  using State = v1::SubscriberState;
  using Event = v1::SubscriberEvent;
  using Decision = absl::StatusOr<std::vector<Event>>;

  // No events if it hears about that already, or was asked often enough. Refusals of requests: see the RPCs.
  static Decision Decide(const State& state, const Subscribe& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const ConfirmSubscription& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const RotateWebhookSecret& command, const runtime::Caller& caller);
  // No events if it hears nothing.
  static Decision Decide(const State& state, const EndSubscription& command, const runtime::Caller& caller);
  // No events if there is no request, or its time has not passed.
  static Decision Decide(const State& state, const ExpireRequest& command, const runtime::Caller& caller);

  // No events if it does not hear about the components, or did not at that time.
  static Decision Decide(const State& state, const QueueUpdate& command, const runtime::Caller& caller);
  // No events if another sender was faster, or it is not to be sent now.
  static Decision Decide(const State& state, const BeginDelivery& command, const runtime::Caller& caller);
  // No events if that attempt is not the one under way.
  static Decision Decide(const State& state, const SettleDelivery& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const v1::ResendDeadLetterRequest& request, const runtime::Caller& caller);

  static void Evolve(State& state, const Event& event);
};

// Whether the delivery is the question whether the address wants to hear.
inline bool IsQuestion(const v1::SubscriberState::Delivery& delivery) { return delivery.notice_id().empty(); }
// Whether the state says nothing of an address: it never heard, or hears no more.
inline bool IsNobody(const v1::SubscriberState& state) { return !state.has_active() && !state.has_request(); }
// Where it hears.
inline const v1::SubscriptionRequested& AddressOf(const v1::SubscriberState& state) {
  return state.has_active() ? state.active() : state.request();
}

}  // namespace throughline::outage

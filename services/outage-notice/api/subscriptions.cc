#include "services/outage-notice/api/subscriptions.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/service/calls.h"
#include "libs/service/pages.h"
#include "services/outage-notice/domain/address.h"
#include "services/outage-notice/domain/component.h"
#include "services/outage-notice/feeds/feed.h"
#include "services/outage-notice/projections/read.h"
#include "services/outage-notice/projections/tables.h"

namespace throughline::outage {
namespace {

using runtime::Outcome;
using runtime::Streams;
using server::Context;
using server::Reply;

absl::Status SubscriptionsOff(absl::string_view what) {
  return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "SUBSCRIPTIONS_OFF",
                         absl::StrCat("this installation sends ", what, ": who runs it can set that up"));
}

absl::Status TokenInvalid() {
  return runtime::Refuse(absl::StatusCode::kInvalidArgument, "TOKEN_INVALID",
                         "this is not a token of ours: take it unchanged from the message");
}

// Whether this installation sends to such an address at all.
absl::Status CheckSends(const DeliveryConfig& delivery, const v1::SubscribeRequest& request) {
  if (absl::Status status = CheckAddress(request.channel(), request.address()); !status.ok()) return status;
  if (delivery.key == nullptr) return SubscriptionsOff("nothing to subscribers");
  if (request.channel() == v1::SUBSCRIBER_CHANNEL_MAIL) {
    return delivery.SendsMail() ? absl::OkStatus() : SubscriptionsOff("no mail");
  }
  if (!delivery.webhooks.allow_http && !absl::StartsWithIgnoreCase(request.address(), "https://")) {
    return runtime::BadField("address", "is not encrypted: use a URL that begins with https://");
  }
  return absl::OkStatus();
}

// The key by which the secret of that request was shown; empty: the state does not say.
std::string KeyOfRequest(const v1::SubscriberState& state, const std::string& request_id) {
  if (state.request().request_id() == request_id) return state.request().key_id();
  return state.active().request_id() == request_id ? state.active().key_id() : "";
}

void AskToSubscribe(Streams& streams, const Context& context, v1::SubscribeRequest request, const Config& config,
                    Reply<v1::SubscribeResponse> reply) {
  if (absl::Status status = CheckSends(config.delivery, request); !status.ok()) return reply(status);
  const auto keys = config.delivery.Signing();
  const std::string id = config.delivery.key->SubscriberId(request.channel(), request.address());
  const auto subscribe = [&streams, reply, keys, id](Subscribe command) {
    // It follows from the command, so that a retry is told the same; and somebody else is told another.
    const std::string request_id = runtime::DerivedId(reply.context().caller(), "request");
    const bool signs = command.request.channel() == v1::SUBSCRIBER_CHANNEL_WEBHOOK;
    service::Change<Subscriber, v1::SubscribeResponse>(
        streams, reply.context(), {Subscriber::kKind, id}, std::move(command), reply,
        [keys, id, request_id, signs](const Outcome<Subscriber>& outcome, v1::SubscribeResponse& response) {
          response.set_subscriber_id(id);
          if (!signs) return;
          const SubscriberKey& key = keys->Named(KeyOfRequest(*outcome.state, request_id));
          response.set_webhook_secret(ShowWebhookSecret(key.WebhookSecret(id, request_id)));
        });
  };
  Subscribe command{std::move(request), id, {}, config.delivery.rules, keys->first().Id()};
  command.unknown_components = UnknownOf(*streams.View(), command.request.component_ids());
  if (command.unknown_components.empty()) return subscribe(std::move(command));
  streams.AfterPresent(context.deadline(),
                       [&streams, reply, subscribe, command = std::move(command)](const absl::Status& status) mutable {
                         if (!status.ok()) return reply(status);
                         command.unknown_components = UnknownOf(*streams.View(), command.request.component_ids());
                         subscribe(std::move(command));
                       });
}

void Confirm(Streams& streams, const Context& context, const v1::ConfirmSubscriptionRequest& request,
             const DeliveryConfig& delivery, Reply<v1::ConfirmSubscriptionResponse> reply) {
  if (request.token().empty()) return reply(runtime::BadField("token", "is empty: take it from the message"));
  const auto named = delivery.key == nullptr ? std::nullopt : delivery.Signing()->ReadConfirmToken(request.token());
  if (!named) return reply(TokenInvalid());
  ConfirmSubscription command;
  command.request.set_request_id(named->request_id);
  command.rules = delivery.rules;
  service::Change<Subscriber, v1::ConfirmSubscriptionResponse>(
      streams, context, {Subscriber::kKind, named->subscriber_id}, std::move(command), reply,
      [id = named->subscriber_id](const auto&, v1::ConfirmSubscriptionResponse& response) {
        response.set_subscriber_id(id);
      });
}

void EndIt(Streams& streams, const Context& context, const v1::LeaveRequest& request, const DeliveryConfig& delivery,
           Reply<v1::LeaveResponse> reply) {
  if (request.token().empty()) return reply(runtime::BadField("token", "is empty: take it from a message"));
  const auto id = delivery.key == nullptr ? std::nullopt : delivery.Signing()->ReadLeaveToken(request.token());
  if (!id) return reply(TokenInvalid());
  EndSubscription command;
  command.request.set_reason(v1::SUBSCRIPTION_END_LEFT);
  service::Change<Subscriber, v1::LeaveResponse>(
      streams, context, {Subscriber::kKind, *id}, std::move(command), reply,
      [id](const auto&, v1::LeaveResponse& response) { response.set_subscriber_id(*id); });
}

void Rotate(Streams& streams, const Context& context, const v1::RotateWebhookSecretRequest& request,
            const DeliveryConfig& delivery, Reply<v1::RotateWebhookSecretResponse> reply) {
  if (request.token().empty()) return reply(runtime::BadField("token", "is empty: take it from a message"));
  const auto keys = delivery.key == nullptr ? nullptr : delivery.Signing();
  const auto id = keys == nullptr ? std::nullopt : keys->ReadLeaveToken(request.token());
  if (!id) return reply(TokenInvalid());
  RotateWebhookSecret command;
  command.key_id = keys->first().Id();
  command.rules = delivery.rules;
  const std::string secret_id = runtime::DerivedId(context.caller(), "secret");
  service::Change<Subscriber, v1::RotateWebhookSecretResponse>(
      streams, context, {Subscriber::kKind, *id}, std::move(command), reply,
      [keys, id, secret_id](const Outcome<Subscriber>& outcome, v1::RotateWebhookSecretResponse& response) {
        response.set_subscriber_id(*id);
        const bool holds = outcome.state->secret_id() == secret_id;
        const SubscriberKey& key = holds ? keys->Named(outcome.state->secret_key_id()) : keys->first();
        response.set_webhook_secret(ShowWebhookSecret(key.WebhookSecret(*id, secret_id)));
        if (outcome.state->has_old_secret_until()) {
          *response.mutable_old_secret_until() = outcome.state->old_secret_until();
        }
      });
}

}  // namespace

void ServeSubscriptions(server::Api& api, Streams& streams, const Config& config) {
  api.Unary<v1::SubscribeRequest, v1::SubscribeResponse>(
      "Subscribe", [&streams, config](const Context& context, auto request, auto reply) {
        AskToSubscribe(streams, context, std::move(request), config, std::move(reply));
      });
  api.Unary<v1::ConfirmSubscriptionRequest, v1::ConfirmSubscriptionResponse>(
      "ConfirmSubscription", [&streams, delivery = config.delivery](const Context& context, auto request, auto reply) {
        Confirm(streams, context, request, delivery, std::move(reply));
      });
  api.Unary<v1::LeaveRequest, v1::LeaveResponse>(
      "Leave", [&streams, delivery = config.delivery](const Context& context, auto request, auto reply) {
        EndIt(streams, context, request, delivery, std::move(reply));
      });
  api.Unary<v1::RotateWebhookSecretRequest, v1::RotateWebhookSecretResponse>(
      "RotateWebhookSecret", [&streams, delivery = config.delivery](const Context& context, auto request, auto reply) {
        Rotate(streams, context, request, delivery, std::move(reply));
      });
  api.Unary<v1::ResendDeadLetterRequest, v1::ResendDeadLetterResponse>(
      "ResendDeadLetter", [&streams](const Context& context, v1::ResendDeadLetterRequest request, auto reply) {
        const std::string id = request.subscriber_id();
        if (id.empty()) return reply(runtime::BadField("subscriber_id", "is empty: name the subscriber"));
        if (request.delivery_id().empty())
          return reply(runtime::BadField("delivery_id", "is empty: name the delivery"));
        service::Change<Subscriber, v1::ResendDeadLetterResponse>(
            streams, context, {Subscriber::kKind, id}, std::move(request), reply,
            [id](const auto&, v1::ResendDeadLetterResponse& response) { response.set_subscriber_id(id); });
      });
  api.Unary<v1::ListSubscribersRequest, v1::ListSubscribersResponse>(
      "ListSubscribers", [&streams, lasting = IdOf(config.delivery.key)](
                             const Context& context, v1::ListSubscribersRequest request, auto reply) {
        const std::string token = request.consistency_token();
        service::Read<v1::ListSubscribersResponse>(
            streams, context, token, reply, [request = std::move(request), lasting](const store::KeyValue& rows) {
              return ListSubscribers(rows, request, lasting);
            });
      });
  api.Unary<v1::ListDeadLettersRequest, v1::ListDeadLettersResponse>(
      "ListDeadLetters", [&streams](const Context& context, v1::ListDeadLettersRequest request, auto reply) {
        const std::string token = request.consistency_token();
        service::Read<v1::ListDeadLettersResponse>(
            streams, context, token, reply,
            [request = std::move(request)](const store::KeyValue& rows) { return ListDeadLetters(rows, request); });
      });
  api.Unary<v1::GetNoticeFeedRequest, v1::GetNoticeFeedResponse>(
      "GetNoticeFeed",
      [&streams, site = config.delivery.site](const Context& context, v1::GetNoticeFeedRequest request, auto reply) {
        const std::string token = request.consistency_token();
        service::Read<v1::GetNoticeFeedResponse>(streams, context, token, reply,
                                                 [request = std::move(request), site](const store::KeyValue& rows) {
                                                   return NoticeFeed(rows, request, site);
                                                 });
      });
}

}  // namespace throughline::outage

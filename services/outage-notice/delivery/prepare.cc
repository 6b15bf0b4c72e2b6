#include "services/outage-notice/delivery/prepare.h"

#include <iterator>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/runtime/domain/time.h"
#include "services/outage-notice/delivery/content.h"
#include "services/outage-notice/delivery/mail.h"
#include "services/outage-notice/delivery/webhook.h"

namespace throughline::outage {
namespace {

using runtime::FromProto;

std::string About(const v1::SubscriptionRequested& request) {
  return request.component_ids().empty() ? "everything" : absl::StrJoin(request.component_ids(), ", ");
}

// The secrets that sign now: the one that holds, and the one of before for as long as it overlaps.
std::vector<std::string> SecretsOf(const SigningKeys& keys, const std::string& id, const v1::SubscriberState& state,
                                   absl::Time now) {
  std::vector<std::string> secrets = keys.WebhookSecrets(id, state.secret_id());
  if (state.has_old_secret_until() && now < FromProto(state.old_secret_until())) {
    absl::c_move(keys.WebhookSecrets(id, state.old_secret_id()), std::back_inserter(secrets));
  }
  return secrets;
}

OutgoingMessage AsMail(const DeliveryConfig& config, const std::string& address, Mail mail) {
  mail.from = config.smtp.from;
  mail.from_name = config.smtp.from_name;
  mail.to = address;
  return {address, Compose(mail)};
}

OutgoingMessage AsCall(const v1::SubscriptionRequested& to, const std::string& delivery_id,
                       const v1::WebhookMessage& message, const std::vector<std::string>& secrets, absl::Time now) {
  std::string body = WebhookBody(message);
  auto headers = SignWebhook("msg_" + delivery_id, now, body, secrets);
  return {to.address(), std::move(body), std::move(headers)};
}

absl::StatusOr<OutgoingMessage> Question(const DeliveryConfig& config, const std::string& id,
                                         const v1::SubscriberState& state, absl::Time now) {
  const v1::SubscriptionRequested& request = state.request();
  const v1::SubscriberState::Delivery& delivery = state.waiting(0);
  if (request.delivery_id() != delivery.delivery_id()) {
    return absl::FailedPreconditionError("the request that it asks about has ended");
  }
  const std::shared_ptr<const SigningKeys> keys = config.Signing();
  const std::string token = keys->first().ConfirmToken({id, request.request_id()});
  if (request.channel() == v1::SUBSCRIBER_CHANNEL_WEBHOOK) {
    v1::WebhookMessage message;
    message.set_type("subscription.confirm");
    *message.mutable_timestamp() = request.at();
    message.set_confirm_token(token);
    return AsCall(request, delivery.delivery_id(), message, keys->WebhookSecrets(id, request.request_id()), now);
  }
  Mail mail;
  mail.subject = "Please confirm: notices by mail";
  mail.text =
      absl::StrCat("Somebody asked that this address hears what we tell customers about ", About(request),
                   ".\n\nIf that was you, confirm it here:\n", config.site, "/subscriptions/confirm?token=", token,
                   "\n\nIf it was not, do nothing: you hear no more of it.\n");
  mail.id = delivery.delivery_id();
  mail.date = FromProto(request.at());
  return AsMail(config, request.address(), std::move(mail));
}

}  // namespace

absl::StatusOr<OutgoingMessage> Prepare(const DeliveryConfig& config, const std::string& id,
                                        const v1::SubscriberState& state, const v1::NoticeUpdateMessage* told,
                                        absl::Time now) {
  const v1::SubscriberState::Delivery& delivery = state.waiting(0);
  if (IsQuestion(delivery)) return Question(config, id, state, now);
  if (told == nullptr || !state.has_active()) {
    return absl::FailedPreconditionError("the subscriber hears no more");
  }
  const v1::SubscriptionRequested& to = state.active();
  const std::shared_ptr<const SigningKeys> keys = config.Signing();
  const std::string leave = keys->first().LeaveToken(id);
  if (to.channel() == v1::SUBSCRIBER_CHANNEL_WEBHOOK) {
    v1::WebhookMessage message;
    message.set_type(TypeOf(told->news()));
    *message.mutable_timestamp() = told->at();
    *message.mutable_data() = *told;
    message.set_leave_token(leave);
    return AsCall(to, delivery.delivery_id(), message, SecretsOf(*keys, id, state, now), now);
  }
  Mail mail;
  mail.leave_url = absl::StrCat(config.site, "/subscriptions/leave?token=", leave);
  mail.subject = Headline(*told);
  mail.text = absl::StrCat(Body(*told), "\n-- \nYou hear about ", About(to), ". To leave: ", mail.leave_url, "\n");
  mail.id = delivery.delivery_id();
  mail.thread = told->notice_id();
  mail.date = FromProto(told->at());
  return AsMail(config, to.address(), std::move(mail));
}

}  // namespace throughline::outage

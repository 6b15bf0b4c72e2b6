#include "services/outage-notice/delivery/delivery_settings.h"

namespace throughline::outage {

void DeclareDelivery(process::Settings& settings, DeliveryConfig& delivery) {
  const auto files = std::make_shared<DeliveryFiles>();
  const absl::Duration kDay = absl::Hours(24);
  SubscriptionRules& rules = delivery.rules;
  settings.Text("subscribers.key", files->key,
                "A file of at least 32 random bytes, the same for all replicas and never replaced: subscribers' ids "
                "follow from it; \"\": nobody can subscribe");
  settings.Text("subscribers.signing-keys", files->signing_keys,
                "A file of one or two keys, a line each, that is read again when it changes: links and the secrets of "
                "webhooks follow from the first, and those of the second are accepted; \"\": from subscribers.key");
  settings.Text("subscribers.site", delivery.site,
                "Where the links in messages and feeds lead, as https://status.example.com; mail needs it");
  settings.Period("subscribers.confirm-within", rules.confirm_within, absl::Minutes(1), 30 * kDay,
                  "By when an address that was subscribed says that it wants to hear");
  settings.Period("subscribers.timeout", delivery.timeout, absl::Seconds(1), absl::Minutes(5),
                  "How long one attempt to send a message may take");
  settings.Period("subscribers.retry-after", rules.retry_after, absl::Seconds(1), absl::Hours(8),
                  "When a message that could not be sent is tried again; after each failure three times as long, at "
                  "most 8h");
  settings.Period("subscribers.give-up-after", rules.give_up_after, absl::Minutes(1), 30 * kDay,
                  "When a message that could not be sent is a dead letter");
  SmtpConfig& smtp = delivery.smtp;
  settings.Text(
      "smtp.url", smtp.url,
      "The mail server, as smtp://mail.example.com:587 or smtps://mail.example.com:465; \"\": no mail is sent");
  settings.Text("smtp.from", smtp.from, "The address that mails come from");
  settings.Text("smtp.from-name", smtp.from_name, "What is shown of it");
  settings.Choice("smtp.tls", smtp.tls, {"required", "offered", "none"},
                  "With smtp://: whether STARTTLS is required, used if the server offers it, or not used");
  settings.Text("smtp.ca", smtp.ca_file, "A PEM file of authorities that the mail server's certificate may be of");
  settings.Text("smtp.user", smtp.user, "The login at the mail server; \"\": none");
  settings.Text("smtp.password-file", files->smtp_password, "A file that holds its password");
  settings.Text("smtp.helo", smtp.helo, "The name by which we greet the mail server; \"\": this machine's");
  WebhookConfig& webhooks = delivery.webhooks;
  settings.Flag("webhooks.allow-private", webhooks.allow_private,
                "Call webhooks at private, link-local and loopback addresses, too");
  settings.Flag("webhooks.allow-http", webhooks.allow_http, "Call webhooks without TLS, too");
  settings.Text("webhooks.ca", webhooks.ca_file, "A PEM file of authorities that webhooks' certificates may be of");
  settings.Period("webhooks.secret-overlap", rules.secret_overlap, absl::Minutes(1), 30 * kDay,
                  "For how long webhooks are signed by the secret of before, too");
  settings.Check([files, &delivery](const process::Settings::Complain& complain) {
    for (const auto& [key, what] : CompleteDelivery(delivery, *files)) complain(key, what);
    if (files->key.empty() && !files->signing_keys.empty()) {
      complain("subscribers.key", "is empty, and subscribers.signing-keys needs it: subscribers' ids follow from it");
    }
  });
}

}  // namespace throughline::outage

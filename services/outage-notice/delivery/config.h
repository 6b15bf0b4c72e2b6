#pragma once

// What is sent to subscribers, and how: the settings of outage-notice about it.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/crypto/authorities.h"
#include "libs/files/reloaded.h"
#include "services/outage-notice/delivery/outbox.h"
#include "services/outage-notice/delivery/signing_keys.h"
#include "services/outage-notice/delivery/subscriber_key.h"
#include "services/outage-notice/domain/subscriber.h"

namespace throughline::outage {

struct SmtpConfig {
  std::string url;               // smtp://host:port or smtps://host:port; empty: no mail is sent
  std::string from;              // the sender's address
  std::string from_name;         // what is shown of them; may be empty
  std::string tls = "required";  // of smtp://: `required` (STARTTLS), `offered` (if the server does), `none`
  std::string ca_file;           // PEM file of the authorities that are trusted; empty: the system's
  std::shared_ptr<const crypto::Authorities> authorities = nullptr;  // of `ca_file`; null: the system's
  std::string user;                                                  // empty: without authentication
  // Its password, of a file that is read again when it changes; null: without authentication.
  std::shared_ptr<const files::Reloaded<std::string>> password = nullptr;
  std::string helo;  // our name; empty: this machine's
};

struct WebhookConfig {
  bool allow_private = false;                                        // private, link-local and loopback targets
  bool allow_http = false;                                           // without TLS
  std::string ca_file;                                               // as SmtpConfig
  std::shared_ptr<const crypto::Authorities> authorities = nullptr;  // likewise
};

struct DeliveryConfig {
  std::shared_ptr<const SubscriberKey> key;  // the lasting one; null: nobody can subscribe, and nothing is sent
  // What tokens and webhook secrets follow from; null: from `key`.
  std::shared_ptr<const files::Reloaded<SigningKeys>> signing_keys = nullptr;
  std::string site;                            // where the links of messages lead, as https://status.example.com
  absl::Duration timeout = absl::Seconds(30);  // of one attempt
  SubscriptionRules rules = {};
  SmtpConfig smtp = {};
  WebhookConfig webhooks = {};
  // Where the timers of this process hand over what is due to its sender.
  std::shared_ptr<Outbox> outbox = std::make_shared<Outbox>();

  // Whether mail can be subscribed to.
  bool SendsMail() const { return key != nullptr && !smtp.url.empty(); }
  // The keys that hold now. There must be a `key`.
  std::shared_ptr<const SigningKeys> Signing() const {
    return signing_keys != nullptr ? signing_keys->Get() : std::make_shared<const SigningKeys>(key);
  }
};

// The files that hold the secrets.
struct DeliveryFiles {
  std::string key;            // of SubscriberKey; empty: none
  std::string signing_keys;   // of SigningKeys; empty: none
  std::string smtp_password;  // empty: none
};

// The password that a file holds. INVALID_ARGUMENT: it cannot be read, or is empty.
absl::StatusOr<std::shared_ptr<const files::Reloaded<std::string>>> ReadPassword(const std::string& path);

// A setting, and what is wrong with it.
using DeliveryProblems = std::vector<std::pair<std::string, std::string>>;

// Reads the files, and checks all together.
DeliveryProblems CompleteDelivery(DeliveryConfig& config, const DeliveryFiles& files);

}  // namespace throughline::outage

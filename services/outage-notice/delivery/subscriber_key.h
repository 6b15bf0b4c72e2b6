#pragma once

// A secret of an installation from which what subscribers need follows: their ids, the tokens in their messages, and
// the secrets that sign webhooks. So none of these stands in the log, and all replicas know them. Ids follow from the
// lasting key; tokens and webhook secrets from the signing keys, which can be rotated (signing_keys.h).
//
// Any thread.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "throughline/outage/v1/subscriber.pb.h"

namespace throughline::outage {

class SubscriberKey {
 public:
  // INVALID_ARGUMENT: shorter than 32 bytes.
  static absl::StatusOr<std::shared_ptr<const SubscriberKey>> Of(std::string bytes);
  // NOT_FOUND, and as Of. Blanks around the key do not count.
  static absl::StatusOr<std::shared_ptr<const SubscriberKey>> Read(const std::string& path);
  // The same, and makes the file with a random key if there is none.
  static absl::StatusOr<std::shared_ptr<const SubscriberKey>> ReadOrMake(const std::string& path);

  // Names the key, and gives nothing away: the first 8 hexadecimal digits of its SHA-256.
  std::string Id() const;

  // 26 characters, the same for the same address (domain/address.h); it tells nothing about it.
  std::string SubscriberId(v1::SubscriberChannel channel, std::string_view address) const;

  struct Request {
    std::string subscriber_id, request_id;
  };
  std::string ConfirmToken(const Request& request) const;
  std::string LeaveToken(const std::string& subscriber_id) const;
  // What the token says; nullopt: it is none of ours.
  std::optional<Request> ReadConfirmToken(std::string_view token) const;
  std::optional<std::string> ReadLeaveToken(std::string_view token) const;

  // 32 bytes.
  std::string WebhookSecret(const std::string& subscriber_id, const std::string& secret_id) const;

 private:
  explicit SubscriberKey(std::string bytes) : bytes_(std::move(bytes)) {}
  // 22 characters that nobody can guess.
  std::string Proof(std::string_view what) const;

  const std::string bytes_;
};

// The key's id; "" if there is none.
inline std::string IdOf(const std::shared_ptr<const SubscriberKey>& key) { return key == nullptr ? "" : key->Id(); }

// As the libraries of Standard Webhooks take it: `whsec_…`.
std::string ShowWebhookSecret(std::string_view secret);

}  // namespace throughline::outage

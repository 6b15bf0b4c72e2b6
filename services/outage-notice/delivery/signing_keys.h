#pragma once

// The keys that tokens and webhook secrets follow from: the one that signs, and possibly another one that is accepted,
// too, while keys are rotated. They stand in a file of one or two lines, the one that signs first, which is read again
// when it changes.
//
//   auto keys = SigningKeys::Follow("/etc/throughline/signing-keys");
//   (*keys)->Get()->first().LeaveToken(id);
//
// Whoever answers or sends something takes the keys once, so that all of it follows from the same ones. Any thread.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

#include "libs/files/reloaded.h"
#include "services/outage-notice/delivery/subscriber_key.h"

namespace throughline::outage {

class SigningKeys {
 public:
  explicit SigningKeys(std::shared_ptr<const SubscriberKey> only) : keys_{std::move(only)} {}

  // INVALID_ARGUMENT, which names the path: it cannot be read, holds no key, more than two, one twice, or one that is
  // shorter than 32 bytes. Blanks around a key, and empty lines, do not count.
  static absl::StatusOr<SigningKeys> Read(const std::string& path);
  // The same, and again when the file changes: logs which keys hold then. A change that is bad changes nothing.
  static absl::StatusOr<std::shared_ptr<const files::Reloaded<SigningKeys>>> Follow(const std::string& path);

  // The one that signs.
  const SubscriberKey& first() const { return *keys_.front(); }
  // The one of that id; else the first.
  const SubscriberKey& Named(std::string_view key_id) const;

  // What the token of one of the keys says; nullopt: of none.
  std::optional<SubscriberKey::Request> ReadConfirmToken(std::string_view token) const;
  std::optional<std::string> ReadLeaveToken(std::string_view token) const;
  // The secrets by each of the keys, in their order: a webhook is signed with all of them.
  std::vector<std::string> WebhookSecrets(const std::string& subscriber_id, const std::string& secret_id) const;

 private:
  SigningKeys() = default;

  std::vector<std::shared_ptr<const SubscriberKey>> keys_;  // one or two
};

}  // namespace throughline::outage

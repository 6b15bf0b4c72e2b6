#include "services/outage-notice/delivery/subscriber_key.h"

#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "libs/crypto/hmac.h"
#include "libs/crypto/random_bytes.h"
#include "libs/crypto/sha256.h"
#include "libs/files/whole_file.h"
#include "libs/runtime/domain/ids.h"
#include "services/outage-notice/domain/address.h"

namespace throughline::outage {

constexpr size_t kLeastBytes = 32;

absl::StatusOr<std::shared_ptr<const SubscriberKey>> SubscriberKey::Of(std::string bytes) {
  if (bytes.size() < kLeastBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("holds ", bytes.size(),
                     " bytes: it needs at least 32 random ones, as `openssl rand -base64 33` "
                     "prints them"));
  }
  return std::shared_ptr<const SubscriberKey>(new SubscriberKey(std::move(bytes)));
}

absl::StatusOr<std::shared_ptr<const SubscriberKey>> SubscriberKey::Read(const std::string& path) {
  const auto text = files::ReadFile(path);
  if (!text) return absl::NotFoundError("cannot be read");
  return Of(std::string(absl::StripAsciiWhitespace(*text)));
}

absl::StatusOr<std::shared_ptr<const SubscriberKey>> SubscriberKey::ReadOrMake(const std::string& path) {
  if (!std::filesystem::exists(path)) {
    const std::string key = absl::Base64Escape(crypto::RandomBytes(33)) + "\n";
    if (const std::error_code error = files::ReplaceFile(path, key, 0600)) {
      return absl::FailedPreconditionError(absl::StrCat("cannot write ", path, ": ", error.message()));
    }
  }
  return Read(path);
}

std::string SubscriberKey::Id() const { return absl::BytesToHexString(crypto::Sha256(bytes_).substr(0, 4)); }

std::string SubscriberKey::SubscriberId(v1::SubscriberChannel channel, std::string_view address) const {
  runtime::Caller seed;
  seed.id = crypto::HmacSha256(bytes_, absl::StrCat("subscriber/", channel, "/", SameAddress(channel, address)));
  return runtime::DerivedId(seed, "subscriber");
}

std::string SubscriberKey::Proof(std::string_view what) const {
  return absl::WebSafeBase64Escape(crypto::HmacSha256(bytes_, what).substr(0, 16)).substr(0, 22);
}

std::string SubscriberKey::ConfirmToken(const Request& request) const {
  const std::string said = absl::StrCat(request.subscriber_id, ".", request.request_id);
  return absl::StrCat(said, ".", Proof("confirm/" + said));
}

std::string SubscriberKey::LeaveToken(const std::string& subscriber_id) const {
  return absl::StrCat(subscriber_id, ".", Proof("leave/" + subscriber_id));
}

std::optional<SubscriberKey::Request> SubscriberKey::ReadConfirmToken(std::string_view token) const {
  const std::vector<std::string> parts = absl::StrSplit(absl::string_view(token.data(), token.size()), '.');
  if (parts.size() != 3 || parts[0].empty() || parts[1].empty()) return std::nullopt;
  Request request{parts[0], parts[1]};
  if (!crypto::SameSecret(ConfirmToken(request), token)) return std::nullopt;
  return request;
}

std::optional<std::string> SubscriberKey::ReadLeaveToken(std::string_view token) const {
  const std::string subscriber_id(token.substr(0, token.find('.')));
  if (subscriber_id.empty() || !crypto::SameSecret(LeaveToken(subscriber_id), token)) return std::nullopt;
  return subscriber_id;
}

std::string SubscriberKey::WebhookSecret(const std::string& subscriber_id, const std::string& secret_id) const {
  return crypto::HmacSha256(bytes_, absl::StrCat("webhook/", subscriber_id, "/", secret_id));
}

std::string ShowWebhookSecret(std::string_view secret) {
  return "whsec_" + absl::Base64Escape(absl::string_view(secret.data(), secret.size()));
}

}  // namespace throughline::outage

#include "services/outage-notice/delivery/signing_keys.h"

#include <chrono>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <spdlog/spdlog.h>

#include "libs/files/whole_file.h"

namespace throughline::outage {
namespace {

constexpr size_t kMostKeys = 2;
constexpr std::chrono::milliseconds kEvery(500);

}  // namespace

absl::StatusOr<SigningKeys> SigningKeys::Read(const std::string& path) {
  const auto bad = [&](absl::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat("the file ", path, " ", what));
  };
  const std::optional<std::string> text = files::ReadFile(path);
  if (!text) return bad("cannot be read");
  SigningKeys keys;
  for (absl::string_view line : absl::StrSplit(*text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty()) continue;
    auto key = SubscriberKey::Of(std::string(line));
    if (!key.ok()) return bad(absl::StrCat("has a line that ", key.status().message()));
    if (absl::c_any_of(keys.keys_, [&](const auto& other) { return other->Id() == (*key)->Id(); })) {
      return bad("holds the same key twice");
    }
    keys.keys_.push_back(*std::move(key));
  }
  if (keys.keys_.empty()) return bad("holds no key");
  if (keys.keys_.size() > kMostKeys) {
    return bad("holds more than two keys: keep the one that signs and the one of before");
  }
  return keys;
}

absl::StatusOr<std::shared_ptr<const files::Reloaded<SigningKeys>>> SigningKeys::Follow(const std::string& path) {
  auto loaded = files::Reloaded<SigningKeys>::Load(
      {path},
      [path] {
        auto keys = Read(path);
        if (keys.ok()) {
          spdlog::info("subscribers.signing-keys: key {} signs{}", keys->first().Id(),
                       keys->keys_.size() > 1 ? ", key " + keys->keys_.back()->Id() + " is accepted, too" : "");
        }
        return keys;
      },
      kEvery);
  if (!loaded.ok()) return loaded.status();
  return *std::move(loaded);
}

const SubscriberKey& SigningKeys::Named(std::string_view key_id) const {
  for (const auto& key : keys_) {
    if (key->Id() == key_id) return *key;
  }
  return first();
}

std::optional<SubscriberKey::Request> SigningKeys::ReadConfirmToken(std::string_view token) const {
  for (const auto& key : keys_) {
    if (auto request = key->ReadConfirmToken(token)) return request;
  }
  return std::nullopt;
}

std::optional<std::string> SigningKeys::ReadLeaveToken(std::string_view token) const {
  for (const auto& key : keys_) {
    if (auto id = key->ReadLeaveToken(token)) return id;
  }
  return std::nullopt;
}

std::vector<std::string> SigningKeys::WebhookSecrets(const std::string& subscriber_id,
                                                     const std::string& secret_id) const {
  std::vector<std::string> secrets;
  for (const auto& key : keys_) secrets.push_back(key->WebhookSecret(subscriber_id, secret_id));
  return secrets;
}

}  // namespace throughline::outage

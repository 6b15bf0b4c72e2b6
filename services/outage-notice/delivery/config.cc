#include "services/outage-notice/delivery/config.h"

#include <chrono>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "libs/files/whole_file.h"
#include "services/outage-notice/domain/address.h"

namespace throughline::outage {
namespace {

// `scheme://host[:port]`, without anything behind it.
bool IsServer(absl::string_view url, absl::string_view scheme) {
  if (!absl::ConsumePrefix(&url, scheme)) return false;
  return url.find_first_of("/?") == absl::string_view::npos && IsWebhookUrl(absl::StrCat("http://", url));
}

bool IsSite(const std::string& site) {
  const bool secure = absl::StartsWith(site, "https://") || absl::StartsWith(site, "http://127.0.0.1") ||
                      absl::StartsWith(site, "http://localhost");
  return secure && IsWebhookUrl(site) && !absl::EndsWith(site, "/") && !absl::StrContains(site, "?");
}

}  // namespace

absl::StatusOr<std::shared_ptr<const files::Reloaded<std::string>>> ReadPassword(const std::string& path) {
  constexpr std::chrono::milliseconds kEvery(500);
  auto loaded = files::Reloaded<std::string>::Load(
      {path},
      [path]() -> absl::StatusOr<std::string> {
        const std::optional<std::string> content = files::ReadFile(path);
        if (!content) return absl::InvalidArgumentError(absl::StrCat("the file ", path, " cannot be read"));
        std::string password(absl::StripAsciiWhitespace(*content));
        if (password.empty()) return absl::InvalidArgumentError(absl::StrCat("the file ", path, " holds no password"));
        return password;
      },
      kEvery);
  if (!loaded.ok()) return loaded.status();
  return *std::move(loaded);
}

DeliveryProblems CompleteDelivery(DeliveryConfig& config, const DeliveryFiles& files) {
  DeliveryProblems problems;
  const auto bad = [&](const char* key, absl::string_view what) {
    if (!what.empty()) problems.emplace_back(key, std::string(what));
  };
  if (!files.key.empty()) {
    auto key = SubscriberKey::Read(files.key);
    if (!key.ok()) bad("subscribers.key", key.status().message());
    if (key.ok()) config.key = *std::move(key);
  }
  if (!files.signing_keys.empty()) {
    auto keys = SigningKeys::Follow(files.signing_keys);
    if (!keys.ok()) bad("subscribers.signing-keys", keys.status().message());
    if (keys.ok()) config.signing_keys = *std::move(keys);
  }
  if (!config.site.empty() && !IsSite(config.site)) {
    bad("subscribers.site", "is not a site, as https://status.example.com: with https, without a slash at its end");
  }
  const auto follow = [&](const char* key, auto& of) {
    if (of.ca_file.empty()) return;
    auto authorities = crypto::FollowAuthorities(of.ca_file);
    if (!authorities.ok()) bad(key, authorities.status().message());
    if (authorities.ok()) of.authorities = *std::move(authorities);
  };
  follow("smtp.ca", config.smtp);
  follow("webhooks.ca", config.webhooks);
  config.rules.lease = 2 * config.timeout + absl::Seconds(10);
  SmtpConfig& smtp = config.smtp;
  if (smtp.url.empty()) return problems;
  const bool tls = IsServer(smtp.url, "smtps://");
  if (!tls && !IsServer(smtp.url, "smtp://")) {
    bad("smtp.url", "is not a mail server, as smtp://mail.example.com:587 or smtps://mail.example.com:465");
  }
  if (!IsMailAddress(smtp.from)) bad("smtp.from", "is not a mail address, and smtp.url needs one that mails come from");
  if (config.site.empty()) bad("subscribers.site", "is empty, and mails need links to confirm and to leave");
  if (smtp.user.empty() != files.smtp_password.empty()) {
    bad(smtp.user.empty() ? "smtp.user" : "smtp.password-file", "is empty: a login needs both user and password");
  }
  if (!smtp.user.empty() && !tls && smtp.tls != "required") {
    bad("smtp.tls", "is not `required`, and a password is sent only when it is encrypted");
  }
  if (!files.smtp_password.empty()) {
    auto password = ReadPassword(files.smtp_password);
    if (!password.ok()) bad("smtp.password-file", password.status().message());
    if (password.ok()) smtp.password = *std::move(password);
  }
  return problems;
}

}  // namespace throughline::outage

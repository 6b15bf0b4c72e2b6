#include "services/outage-notice/domain/address.h"

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

#include "libs/runtime/domain/refusal.h"

namespace throughline::outage {
namespace {

bool IsAtom(absl::string_view text) {
  constexpr absl::string_view kOthers = "!#$%&'*+-/=?^_`{|}~";  // RFC 5322, 3.2.3
  return !text.empty() && absl::c_all_of(text, [&](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains(kOthers, c);
  });
}

bool IsLabel(absl::string_view text) {
  return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
         absl::c_all_of(text, [](char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-'; });
}

bool IsDomain(absl::string_view text) {
  const std::vector<absl::string_view> labels = absl::StrSplit(text, '.');
  return text.size() <= 253 && absl::c_all_of(labels, IsLabel);
}

// The parts of a URL, without scheme.
struct Authority {
  absl::string_view host_and_port, rest;
};

Authority AuthorityOf(absl::string_view url) {
  url.remove_prefix(url.find("://") + 3);
  const size_t end = std::min(url.find_first_of("/?"), url.size());
  return {url.substr(0, end), url.substr(end)};
}

}  // namespace

bool IsMailAddress(std::string_view text) {
  const absl::string_view address(text.data(), text.size());
  const size_t at = address.rfind('@');
  if (at == absl::string_view::npos || at > 64 || address.size() > 254) return false;
  const absl::string_view domain = address.substr(at + 1);
  const std::vector<absl::string_view> atoms = absl::StrSplit(address.substr(0, at), '.');
  return absl::c_all_of(atoms, IsAtom) && IsDomain(domain) && absl::StrContains(domain, '.');
}

bool IsWebhookUrl(std::string_view text) {
  const absl::string_view url(text.data(), text.size());
  if (!absl::StartsWithIgnoreCase(url, "https://") && !absl::StartsWithIgnoreCase(url, "http://")) return false;
  if (!absl::c_all_of(url, [](char c) { return absl::ascii_isgraph(static_cast<unsigned char>(c)); })) return false;
  if (url.find_first_of("#\\\"<>") != absl::string_view::npos) return false;
  absl::string_view host = AuthorityOf(url).host_and_port;
  if (const size_t colon = host.rfind(':'); colon != absl::string_view::npos && !absl::EndsWith(host, "]")) {
    int port = 0;
    if (!absl::SimpleAtoi(host.substr(colon + 1), &port) || port < 1 || port > 65535) return false;
    if (!absl::c_all_of(host.substr(colon + 1), absl::ascii_isdigit)) return false;
    host = host.substr(0, colon);
  }
  if (absl::StartsWith(host, "[") && absl::EndsWith(host, "]")) {
    const absl::string_view inside = host.substr(1, host.size() - 2);
    return !inside.empty() && inside.find_first_not_of("0123456789abcdefABCDEF:.") == absl::string_view::npos;
  }
  return IsDomain(host);
}

absl::Status CheckAddress(v1::SubscriberChannel channel, const std::string& address) {
  switch (channel) {
    case v1::SUBSCRIBER_CHANNEL_MAIL:
      if (IsMailAddress(address)) return absl::OkStatus();
      return runtime::BadField(
          "address", "is not a mail address, as kim@example.com: without quotes, the domain in its ASCII form");
    case v1::SUBSCRIBER_CHANNEL_WEBHOOK:
      if (IsWebhookUrl(address)) return absl::OkStatus();
      return runtime::BadField(
          "address", "is not a URL that can be called, as https://example.com/hook: without user and fragment");
    default:
      return runtime::BadField("channel", "is not set: say whether the address hears by mail or by webhook");
  }
}

std::string SameAddress(v1::SubscriberChannel channel, std::string_view text) {
  const absl::string_view address(text.data(), text.size());
  if (channel != v1::SUBSCRIBER_CHANNEL_WEBHOOK) return absl::AsciiStrToLower(address);
  const absl::string_view rest = AuthorityOf(address).rest;
  return absl::AsciiStrToLower(address.substr(0, address.size() - rest.size())) + std::string(rest);
}

std::string DomainOf(std::string_view mail_address) {
  return std::string(mail_address.substr(mail_address.rfind('@') + 1));
}

}  // namespace throughline::outage

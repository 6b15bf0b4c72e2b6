#include "libs/command_line/address.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cstdint>
#include <netinet/in.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace throughline::command_line {
namespace {

absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

absl::Status Wrong(absl::string_view text, const std::string& what) {
  return absl::InvalidArgumentError(absl::StrCat("`", text, "` ", what));
}

// The part before `://`, or gRPC's name of a resolver before `:`. Empty: there is none.
absl::string_view SchemeOf(absl::string_view text) {
  for (const char* resolver : {"dns", "ipv4", "ipv6", "unix", "unix-abstract", "passthrough", "xds", "vsock"}) {
    // `dns:7070` is a host of that name.
    absl::string_view rest = text;
    if (absl::ConsumePrefix(&rest, resolver) && absl::ConsumePrefix(&rest, ":") && !rest.empty() &&
        !std::all_of(rest.begin(), rest.end(), absl::ascii_isdigit)) {
      return resolver;
    }
  }
  const size_t end = text.find("://");
  return end == absl::string_view::npos ? absl::string_view() : text.substr(0, end);
}

bool IsIpv6(absl::string_view text) {
  in6_addr address;
  return inet_pton(AF_INET6, std::string(text.substr(0, text.find('%'))).c_str(), &address) == 1;
}

bool IsPort(absl::string_view text, int& port) {
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit) && absl::SimpleAtoi(text, &port) &&
         port >= 1 && port <= UINT16_MAX;
}

// What was probably meant by the text after a scheme: in `/h:1`, `dns-server/h:1` and `h:1/path` it is `h:1`.
std::string WithoutScheme(absl::string_view text, int usual_port) {
  for (const absl::string_view part : absl::StrSplit(text, '/', absl::SkipEmpty())) {
    if (ParseHostPort({part.data(), part.size()}, usual_port).ok()) return std::string(part);
  }
  for (const absl::string_view part : absl::StrSplit(text, '/', absl::SkipEmpty())) {
    std::string with_port = absl::StrCat(part, ":", usual_port);
    if (ParseHostPort(with_port, usual_port).ok()) return with_port;
  }
  return absl::StrCat("host:", usual_port);
}

}  // namespace

absl::StatusOr<HostPort> ParseHostPort(std::string_view given, int usual_port) {
  const absl::string_view text = View(given);
  if (const absl::string_view scheme = SchemeOf(text); !scheme.empty()) {
    const absl::string_view rest = text.substr(scheme.size());
    const absl::string_view sign = rest.substr(0, absl::StartsWith(rest, "://") ? 3 : 1);
    const std::string instead = absl::StartsWith(scheme, "unix") ? absl::StrCat("host:", usual_port)
                                                                 : WithoutScheme(rest.substr(sign.size()), usual_port);
    return Wrong(text, absl::StrCat("begins with ", scheme, sign, ", but addresses have no scheme here: write ",
                                    instead, "; other options turn encryption on"));
  }
  size_t colon = text.rfind(':');
  absl::string_view host = text.substr(0, colon);
  if (absl::StartsWith(text, "[")) {
    const size_t end = text.find(']');
    if (end == absl::string_view::npos) {
      return Wrong(text, absl::StrCat("lacks the bracket after the IPv6 address: write [::1]:", usual_port));
    }
    host = text.substr(1, end - 1);
    colon = end + 1 < text.size() && text[end + 1] == ':' ? end + 1 : absl::string_view::npos;
    if (host.empty() || (colon == absl::string_view::npos && end + 1 < text.size())) {
      return Wrong(text, absl::StrCat("is not an address: write [::1]:", usual_port));
    }
  } else if (const auto colons = std::count(text.begin(), text.end(), ':'); colons > 1) {
    if (IsIpv6(text) || IsIpv6(host)) {
      return Wrong(text, absl::StrCat("is an IPv6 address without brackets: write [::1]:", usual_port));
    }
    const absl::string_view first = text.substr(0, text.find(':'));
    return Wrong(text, absl::StrCat("has ", colons, " colons: write one host and one port, as ",
                                    first.empty() ? "127.0.0.1" : first, ":", usual_port));
  }
  if (colon == absl::string_view::npos) {
    return Wrong(text, absl::StrCat("names no port: write ", text, ":", usual_port));
  }
  if (host.empty()) return Wrong(text, absl::StrCat("names no host: write 127.0.0.1", text.substr(colon)));
  HostPort address{std::string(host), 0};
  if (!IsPort(text.substr(colon + 1), address.port)) {
    return Wrong(text, absl::StrCat("has the port `", text.substr(colon + 1), "`: write a number from 1 to ",
                                    UINT16_MAX, ", as in ", text.substr(0, colon), ":", usual_port));
  }
  return address;
}

absl::Status CheckBrokers(std::string_view given) {
  constexpr int kKafka = 9092;
  for (absl::string_view one : absl::StrSplit(View(given), ',')) {
    one = absl::StripAsciiWhitespace(one);
    const std::string scheme = absl::AsciiStrToUpper(SchemeOf(one));
    for (const char* known : {"PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"}) {
      if (scheme == known) one.remove_prefix(scheme.size() + 3);
    }
    if (one.empty()) return Wrong(View(given), "has an empty place in its list: write host:9092,host:9092");
    const bool bare = !absl::StrContains(one, ":") || (absl::StartsWith(one, "[") && absl::EndsWith(one, "]"));
    const auto parsed = ParseHostPort(bare ? absl::StrCat(one, ":", kKafka) : std::string(one), kKafka);
    if (!parsed.ok()) return parsed.status();
  }
  return absl::OkStatus();
}

absl::Status CheckListenHost(std::string_view given, std::string_view port_option) {
  const absl::string_view text = View(given);
  if (!SchemeOf(text).empty()) return Wrong(text, "has a scheme: write the address alone, as 127.0.0.1 or 0.0.0.0");
  const auto colons = std::count(text.begin(), text.end(), ':');
  if (colons == 1 || (absl::StartsWith(text, "[") && !absl::EndsWith(text, "]"))) {
    return Wrong(text, absl::StrCat("has a port: write the address alone, and give the port as ", View(port_option)));
  }
  if (colons > 1 && !absl::StartsWith(text, "[") && !IsIpv6(text)) {
    return Wrong(
        text, absl::StrCat("has ", colons, " colons, and is no IPv6 address: write the address alone, as 127.0.0.1"));
  }
  return absl::OkStatus();
}

}  // namespace throughline::command_line

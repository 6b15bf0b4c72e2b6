#include "services/edge/connect/headers.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace throughline::edge::connect {
namespace {

constexpr char kAuthorization[] = "authorization";

bool Passes(const std::string& name, const std::vector<std::string>& rules) {
  return std::any_of(rules.begin(), rules.end(), [&](absl::string_view rule) {
    return absl::ConsumeSuffix(&rule, "*") ? absl::StartsWith(name, rule) : name == rule;
  });
}

bool IsBinary(const std::string& name) { return absl::EndsWith(name, "-bin"); }

}  // namespace

absl::StatusOr<client::Metadata> Inward(const http::Headers& headers, const HeaderRules& rules) {
  client::Metadata metadata;
  for (const auto& [given, value] : headers) {
    const std::string name = absl::AsciiStrToLower(given);
    if (!Passes(name, rules.in)) continue;
    if (!IsBinary(name)) {
      metadata.emplace_back(name, value);
      continue;
    }
    for (const absl::string_view item : absl::StrSplit(value, ',')) {
      std::string bytes;
      if (!absl::Base64Unescape(absl::StripAsciiWhitespace(item), &bytes)) {
        return absl::InvalidArgumentError(absl::StrCat("the header ", name, " is not base64"));
      }
      metadata.emplace_back(name, std::move(bytes));
    }
  }
  const bool credential =
      std::any_of(metadata.begin(), metadata.end(), [](const auto& header) { return header.first == kAuthorization; });
  // Otherwise the edge's own certificate would stand for a client without a credential (libs/identity).
  if (!credential && Passes(kAuthorization, rules.in)) metadata.emplace_back(kAuthorization, "anonymous");
  return metadata;
}

client::Metadata Outward(const client::Metadata& metadata, const HeaderRules& rules) {
  client::Metadata passed;
  for (const auto& [name, value] : metadata) {
    if (!Passes(name, rules.out)) continue;
    std::string text = value;
    if (IsBinary(name)) {
      text = absl::Base64Escape(value);
      text.resize(text.find_last_not_of('=') + 1);
    }
    passed.emplace_back(name, std::move(text));
  }
  return passed;
}

bool Accepts(std::string_view list, std::string_view coding) {
  for (const absl::string_view item : absl::StrSplit(absl::string_view(list.data(), list.size()), ',')) {
    const std::vector<absl::string_view> parts = absl::StrSplit(item, absl::MaxSplits(';', 1));
    if (!absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(parts[0]), {coding.data(), coding.size()})) continue;
    absl::string_view weight = parts.size() < 2 ? "" : absl::StripAsciiWhitespace(parts[1]);
    return !absl::ConsumePrefix(&weight, "q=") || std::atof(std::string(weight).c_str()) > 0;
  }
  return false;
}

}  // namespace throughline::edge::connect

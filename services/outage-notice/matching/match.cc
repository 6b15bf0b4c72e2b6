#include "services/outage-notice/matching/match.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"

namespace throughline::outage {
namespace {

bool HitsOne(const google::protobuf::RepeatedPtrField<std::string>& hit, const std::string& asked) {
  return hit.empty() || asked.empty() || absl::c_linear_search(hit, asked);
}

}  // namespace

Words WordsOf(std::string_view text) {
  Words words;
  bool within = false;
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    const bool letter = u >= 0x80 || absl::ascii_isalnum(u);
    if (letter && !within) words.emplace_back();
    if (letter) words.back() += absl::ascii_tolower(u);
    within = letter;
  }
  return words;
}

bool Names(const Words& words, std::string_view keyword) {
  const Words phrase = WordsOf(keyword);
  return !phrase.empty() && std::search(words.begin(), words.end(), phrase.begin(), phrase.end()) != words.end();
}

bool HitsRegion(const v1::NoticeScope& scope, const std::string& region) { return HitsOne(scope.regions(), region); }

bool Hits(const v1::NoticeScope& scope, const Asked& asked) {
  return HitsRegion(scope, asked.region) && HitsOne(scope.channels(), asked.channel) &&
         HitsOne(scope.products(), asked.product) && HitsOne(scope.customer_groups(), asked.customer_group);
}

}  // namespace throughline::outage

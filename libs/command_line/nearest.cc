#include "libs/command_line/nearest.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace throughline::command_line {

size_t Distance(std::string_view a, std::string_view b) {
  // Rows of the distance table, for the prefixes that end with the letter before last, the last letter, and this one.
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    before = last;
    last = row;
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::vector<std::string> NearestFew(std::string_view word, const std::vector<std::string>& known, size_t most) {
  const std::string meant = absl::AsciiStrToLower(absl::string_view(word.data(), word.size()));
  const size_t letters = static_cast<size_t>(std::count_if(meant.begin(), meant.end(), absl::ascii_isalnum));
  const size_t allowed = std::max<size_t>(letters / 3, letters >= 2 ? 1 : 0);
  std::vector<std::pair<size_t, std::string>> near;  // cost, word
  for (const std::string& one : known) {
    const std::string lower = absl::AsciiStrToLower(one);
    const bool begun = letters >= 3 && absl::StartsWith(lower, meant);
    // More letters are missing or extra than may be wrong.
    if (!begun && std::max(lower.size(), meant.size()) - std::min(lower.size(), meant.size()) > allowed) continue;
    const size_t distance = begun ? 1 : Distance(meant, lower);
    // Prefer the word with the same beginning: the first letter is rarely mistyped.
    const size_t cost = 2 * distance + (lower.empty() || meant.empty() || lower[0] != meant[0] ? 1 : 0);
    if (cost < 2 * allowed + 2) near.emplace_back(cost, one);
  }
  std::stable_sort(near.begin(), near.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  if (near.size() > most) near.resize(most);
  std::vector<std::string> words;
  for (auto& [cost, one] : near) words.push_back(std::move(one));
  return words;
}

std::optional<std::string> Nearest(std::string_view word, const std::vector<std::string>& known) {
  std::vector<std::string> near = NearestFew(word, known, 1);
  return near.empty() ? std::nullopt : std::optional(std::move(near.front()));
}

std::string DidYouMean(std::string_view word, const std::vector<std::string>& known) {
  const auto nearest = Nearest(word, known);
  return nearest ? absl::StrCat("; did you mean `", *nearest, "`?") : "";
}

}  // namespace throughline::command_line

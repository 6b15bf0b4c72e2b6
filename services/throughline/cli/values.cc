#include "services/throughline/cli/values.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/command_line/nearest.h"

namespace throughline::tool {
namespace {

// absl's parsers skip spaces around a number; CLI11's do not.
bool IsCompact(const std::string& text) {
  return !text.empty() && !absl::ascii_isspace(text.front()) && !absl::ascii_isspace(text.back());
}

}  // namespace

std::string NoneOf(const std::string& text, const std::vector<std::string>& words) {
  return absl::StrCat("`", text, "` is none of ", absl::StrJoin(words, ", "), command_line::DidYouMean(text, words));
}

CLI::Validator OneOf(std::vector<std::string> words) {
  const std::string shown = absl::StrCat("{", absl::StrJoin(words, ","), "}");
  return CLI::Validator(
      [words = std::move(words)](const std::string& text) {
        return std::find(words.begin(), words.end(), text) != words.end() ? "" : NoneOf(text, words);
      },
      shown);
}

CLI::Validator WholeNumber(int64_t least, int64_t most) {
  const bool open = most == std::numeric_limits<int>::max();
  const std::string shown = open ? absl::StrCat(least, " or more") : absl::StrCat(least, " to ", most);
  return CLI::Validator(
      [least, most, open, shown](const std::string& text) -> std::string {
        int64_t number = 0;
        const bool whole = IsCompact(text) && absl::SimpleAtoi(text, &number);
        if (whole && number >= least && number <= most) return "";
        if (whole && open && number > most) return absl::StrCat("`", text, "` is too large: write at most ", most);
        return absl::StrCat("`", text, "` cannot be: it is a whole number, ", shown);
      },
      shown);
}

CLI::Validator NumberFrom(double least, double most) {
  const std::string shown = absl::StrCat(least, " to ", most);
  return CLI::Validator(
      [least, most, shown](const std::string& text) -> std::string {
        double number = 0;
        if (IsCompact(text) && absl::SimpleAtod(text, &number) && number >= least && number <= most) return "";
        return absl::StrCat("`", text, "` cannot be: it is a number, ", shown);
      },
      shown);
}

}  // namespace throughline::tool

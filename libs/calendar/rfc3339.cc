#include "libs/calendar/rfc3339.h"

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"

namespace throughline::calendar {
namespace {

// The form only. absl also takes an offset without its colon or minutes, single digits, and spaces around it.
bool HasForm(absl::string_view text) {
  constexpr absl::string_view kForm = "0000-00-00T00:00:00";
  constexpr absl::string_view kOffset = "+00:00";
  const auto takes = [&text](absl::string_view form) {
    if (text.size() < form.size()) return false;
    for (size_t i = 0; i < form.size(); ++i) {
      const char c = text[i];
      const bool same = form[i] == '0'   ? absl::ascii_isdigit(c)
                        : form[i] == '+' ? c == '+' || c == '-'
                                         : absl::ascii_toupper(c) == form[i];
      if (!same) return false;
    }
    text.remove_prefix(form.size());
    return true;
  };
  if (!takes(kForm)) return false;
  if (takes(".0")) {
    while (takes("0")) {
    }
  }
  return (takes("Z") || takes(kOffset)) && text.empty();
}

}  // namespace

std::optional<absl::Time> ParseRfc3339(std::string_view text) {
  const absl::string_view view(text.data(), text.size());
  absl::Time time;
  if (!HasForm(view) || !absl::ParseTime(absl::RFC3339_full, view, &time, nullptr)) return std::nullopt;
  return time;
}

}  // namespace throughline::calendar

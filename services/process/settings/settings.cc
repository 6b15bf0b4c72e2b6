#include "services/process/settings/settings.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/command_line/nearest.h"
#include "services/process/settings/settings_file.h"

namespace throughline::process {
namespace {

std::string SectionOf(const std::string& key) {
  const size_t dot = key.rfind('.');
  return dot == std::string::npos ? "" : key.substr(0, dot);
}
}  // namespace

void Settings::Text(const std::string& key, std::string& value, const std::string& help) {
  settings_.push_back({key, help,
                       [&value](const std::string& text) {
                         value = text;
                         return "";
                       },
                       [&value] { return Quoted(value); }});
}

void Settings::Choice(const std::string& key, std::string& value, std::vector<std::string> choices,
                      const std::string& help) {
  settings_.push_back({key, absl::StrCat(help, ": ", absl::StrJoin(choices, ", ")),
                       [&value, choices](const std::string& text) -> std::string {
                         if (std::find(choices.begin(), choices.end(), text) == choices.end()) {
                           return absl::StrCat("is not one of ", absl::StrJoin(choices, ", "),
                                               command_line::DidYouMean(text, choices));
                         }
                         value = text;
                         return "";
                       },
                       [&value] { return Quoted(value); }});
}

void Settings::Flag(const std::string& key, bool& value, const std::string& help) {
  settings_.push_back({key, help,
                       [&value](const std::string& text) -> std::string {
                         if (text != "true" && text != "false") return "is not true or false";
                         value = text == "true";
                         return "";
                       },
                       [&value] { return value ? "true" : "false"; }, true});
}

void Settings::Period(const std::string& key, absl::Duration& value, absl::Duration least, absl::Duration most,
                      const std::string& help) {
  settings_.push_back({key, help,
                       [&value, least, most](const std::string& text) -> std::string {
                         absl::Duration period;
                         if (!absl::ParseDuration(text, &period) || period < least || period > most) {
                           return absl::StrCat("is not a period from ", absl::FormatDuration(least), " to ",
                                               absl::FormatDuration(most), ", such as 250ms, 10s or 1h30m");
                         }
                         value = period;
                         return "";
                       },
                       [&value] { return Quoted(absl::FormatDuration(value)); }});
}

void Settings::AddNumber(const std::string& key, int64_t least, int64_t most, const std::string& help,
                         std::function<int64_t()> get, std::function<void(int64_t)> set) {
  settings_.push_back({key, help,
                       [least, most, set = std::move(set)](const std::string& text) -> std::string {
                         int64_t number = 0;
                         if (!absl::SimpleAtoi(text, &number) || number < least || number > most) {
                           return absl::StrCat("is not a whole number from ", least, " to ", most);
                         }
                         set(number);
                         return "";
                       },
                       [get = std::move(get)] { return absl::StrCat(get()); }});
}

void Settings::PassThrough(const std::string& key, Pairs& values, std::function<bool(const std::string&)> is_secret,
                           const std::string& help) {
  passed_.push_back({key, help, &values, std::move(is_secret), {}});
}

bool Settings::Passed::Hides(const std::string& name) const {
  return !absl::EndsWith(name, ".file") && is_secret(name);  // the name of a secret's file is not a secret
}

std::string Settings::Print() const {
  std::string text;
  std::string section;
  const auto begin = [&](const std::string& next) {
    if (next == section) return;
    section = next;
    absl::StrAppend(&text, "\n[", section, "]\n");
  };
  // TOML: keys without a section come before the first section.
  std::vector<const Setting*> ordered;
  for (const Setting& setting : settings_) ordered.push_back(&setting);
  std::stable_sort(ordered.begin(), ordered.end(), [](const Setting* a, const Setting* b) {
    return SectionOf(a->key).empty() && !SectionOf(b->key).empty();
  });
  for (const Setting* setting : ordered) {
    begin(SectionOf(setting->key));
    const std::string name = section.empty() ? setting->key : setting->key.substr(section.size() + 1);
    absl::StrAppend(&text, "# ", setting->help, "\n", name, " = ", setting->show(), "\n");
  }
  for (const Passed& passed : passed_) {
    begin(passed.key);
    absl::StrAppend(&text, "# ", passed.help, "\n");
    for (const auto& [name, value] : passed.given) {
      // As a comment: a hidden value must not be read back as `***`.
      absl::StrAppend(&text, passed.Hides(name) ? absl::StrCat("# ", Quoted(name), " = \"***\"  (given, not shown)\n")
                                                : absl::StrCat(Quoted(name), " = ", Quoted(value), "\n"));
    }
  }
  return text;
}

}  // namespace throughline::process

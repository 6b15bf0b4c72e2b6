#include "services/process/settings.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

#include "services/process/settings_file.h"

namespace throughline::process {
namespace {

constexpr char kFile[] = ".file";

std::string VariableOf(const std::string& key) {
  return absl::StrCat("THROUGHLINE_",
                      absl::AsciiStrToUpper(absl::StrReplaceAll(key, {{".", "_"}, {"-", "_"}})));
}
std::string FlagOf(const std::string& key) { return absl::StrCat("--", absl::StrReplaceAll(key, {{".", "-"}})); }

std::string SectionOf(const std::string& key) {
  const size_t dot = key.rfind('.');
  return dot == std::string::npos ? "" : key.substr(0, dot);
}
std::string NameIn(const std::string& section, const std::string& name) {
  return section.empty() ? name : section + "." + name;
}

// The name of the file's setting, or of the setting whose value stands in a file.
std::string OtherOf(const std::string& name) {
  return absl::EndsWith(name, kFile) ? name.substr(0, name.size() - std::strlen(kFile)) : name + kFile;
}

// A value in the place of what came before, whichever way that was given.
void Overrule(std::map<std::string, std::string>& given, const std::string& name, const std::string& value) {
  given.erase(OtherOf(name));
  given[name] = value;
}

// A file's name is no secret, whatever stands in it.
bool Hidden(const std::function<bool(const std::string&)>& is_secret, const std::string& name) {
  return !absl::EndsWith(name, kFile) && is_secret(name);
}

std::optional<std::string> ReadWhole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
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
                           return absl::StrCat("is not one of ", absl::StrJoin(choices, ", "));
                         }
                         value = text;
                         return "";
                       },
                       [&value] { return Quoted(value); }});
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

bool Settings::Known(const std::string& key) const {
  return std::any_of(settings_.begin(), settings_.end(), [&](const Setting& setting) { return setting.key == key; });
}

void Settings::ReadFile(const std::string& path, Problems& problems) {
  const std::optional<std::string> content = ReadWhole(path);
  if (!content) {
    problems.push_back(absl::StrCat("the configuration file ", path, " cannot be read: does it exist?"));
    return;
  }
  ParsedFile file = ParseSettingsFile(*content);
  for (const std::string& problem : file.problems) problems.push_back(absl::StrCat(path, " ", problem));
  for (FileEntry& entry : file.entries) {
    auto passed = std::find_if(passed_.begin(), passed_.end(), [&](const Passed& p) { return p.key == entry.section; });
    if (passed != passed_.end()) {
      passed->given[entry.name] = entry.value;
      continue;
    }
    const std::string key = NameIn(entry.section, entry.name);
    const std::string origin = absl::StrCat(path, " line ", entry.line);
    if (Known(key)) {
      given_[key] = {std::move(entry.value), origin};
    } else {
      problems.push_back(absl::StrCat(origin, ": there is no setting ", key, ": --help lists them all"));
    }
  }
}

void Settings::ReadEnvironment(const std::map<std::string, std::string>& environment) {
  for (const Setting& setting : settings_) {
    const std::string variable = VariableOf(setting.key);
    if (auto found = environment.find(variable); found != environment.end()) given_[setting.key] = {found->second, variable};
  }
  for (Passed& passed : passed_) {
    const std::string prefix = VariableOf(passed.key) + "_";
    for (const auto& [name, value] : environment) {
      if (!absl::StartsWith(name, prefix) || name.size() == prefix.size()) continue;
      const std::string own =
          absl::AsciiStrToLower(absl::StrReplaceAll(name.substr(prefix.size()), {{"_", "."}}));
      Overrule(passed.given, own, value);
    }
  }
}

void Settings::TakeAll(Problems& problems) {
  for (const Setting& setting : settings_) {
    const auto given = given_.find(setting.key);
    if (given == given_.end()) continue;
    const std::string wrong = setting.take(given->second.value);
    if (!wrong.empty()) {
      problems.push_back(
          absl::StrCat(setting.key, " (", given->second.origin, "): ", Quoted(given->second.value), " ", wrong));
    }
  }
  for (Passed& passed : passed_) TakePassed(passed, problems);
  for (const auto& check : checks_) check(problems);
}

void Settings::TakePassed(Passed& passed, Problems& problems) {
  for (const auto& [name, value] : passed.given) {
    if (!absl::EndsWith(name, kFile)) {
      passed.values->emplace_back(name, value);
      continue;
    }
    const std::string real = OtherOf(name);
    const std::optional<std::string> content = ReadWhole(value);
    if (!content) {
      problems.push_back(absl::StrCat(passed.key, " ", name, ": the file ", value, " cannot be read"));
    } else if (passed.given.contains(real)) {
      problems.push_back(absl::StrCat(passed.key, ": ", real, " and ", name, " are both given: leave one out"));
    } else {
      passed.values->emplace_back(real, std::string(absl::StripAsciiWhitespace(*content)));
    }
  }
}

Settings::Outcome Settings::Try(const std::vector<std::string>& arguments,
                                const std::vector<std::string>& environment) {
  Problems problems;
  std::map<std::string, std::string> variables;
  for (const std::string& variable : environment) {
    const size_t equals = variable.find('=');
    if (equals != std::string::npos) variables[variable.substr(0, equals)] = variable.substr(equals + 1);
  }

  CLI::App app(purpose_, program_);
  app.allow_extras();  // so that they are told with all other problems
  std::string file = variables.contains("THROUGHLINE_CONFIG") ? variables["THROUGHLINE_CONFIG"] : "";
  bool print = false;
  app.add_option("--config", file, "The file with settings, also THROUGHLINE_CONFIG")->type_name("FILE");
  app.add_flag("--print-config", print, "Print what is in force, in the file's format and without secrets, and end");
  std::map<std::string, std::string> flags;
  for (const Setting& setting : settings_) {
    const std::string shown = absl::StrReplaceAll(setting.show(), {{"\"", ""}});
    app.add_option_function<std::string>(
           FlagOf(setting.key), [&flags, key = setting.key](const std::string& value) { flags[key] = value; },
           absl::StrCat(setting.help, shown.empty() ? "" : absl::StrCat(" [", shown, "]"), " (",
                        VariableOf(setting.key), ")"))
        ->type_name("")
        ->expected(1);
  }
  std::vector<std::vector<std::string>> pairs(passed_.size());
  for (size_t i = 0; i < passed_.size(); ++i) {
    app.add_option(FlagOf(passed_[i].key), pairs[i],
                   absl::StrCat(passed_[i].help, " (", VariableOf(passed_[i].key), "_NAME)"))
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false);
  }
  app.footer("What stands in the file is overruled by the environment, and that by the command line.");
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    return {0, app.help(), {}};
  } catch (const CLI::ParseError& error) {
    return {2, "", {absl::StrCat(error.what(), ": --help lists all options")}};
  }
  for (const std::string& unknown : app.remaining()) {
    problems.push_back(absl::StrCat("there is no option ", unknown, ": --help lists them all"));
  }

  if (!file.empty()) ReadFile(file, problems);
  ReadEnvironment(variables);
  for (const auto& [key, value] : flags) given_[key] = {value, FlagOf(key)};
  for (size_t i = 0; i < passed_.size(); ++i) {
    for (const std::string& pair : pairs[i]) {
      const size_t equals = pair.find('=');
      const std::string name = pair.substr(0, equals);
      if (equals == std::string::npos || equals == 0) {
        problems.push_back(absl::StrCat(FlagOf(passed_[i].key), " takes NAME=VALUE"));
      } else if (Hidden(passed_[i].is_secret, name)) {
        problems.push_back(absl::StrCat(FlagOf(passed_[i].key), " ", name,
                                        " is a secret and never stands on a command line: put it into the "
                                        "environment, or name a file with ",
                                        name, kFile));
      } else {
        Overrule(passed_[i].given, name, pair.substr(equals + 1));
      }
    }
  }
  TakeAll(problems);
  if (!problems.empty()) return {2, "", std::move(problems)};
  if (print) return {0, Print(), {}};
  return {};
}

std::optional<int> Settings::Read(int argc, const char* const* argv, const char* const* environment) {
  std::vector<std::string> variables;
  for (; *environment != nullptr; ++environment) variables.emplace_back(*environment);
  const Outcome outcome = Try({argv + 1, argv + argc}, variables);
  std::fputs(outcome.out.c_str(), stdout);
  for (const std::string& problem : outcome.problems) {
    std::fprintf(stderr, "%s: %s\n", program_.c_str(), problem.c_str());
  }
  return outcome.exit_code;
}

std::string Settings::Print() const {
  std::string text;
  std::string section;
  const auto begin = [&](const std::string& next) {
    if (next == section) return;
    section = next;
    absl::StrAppend(&text, "\n[", section, "]\n");
  };
  // Those without a section first: in the file they stand before any.
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
      // What is not shown must not be taken for the value when this is read again.
      absl::StrAppend(&text, Hidden(passed.is_secret, name) ? absl::StrCat("# ", name, " = \"***\"  (given, not shown)\n")
                                                    : absl::StrCat(name, " = ", Quoted(value), "\n"));
    }
  }
  return text;
}

}  // namespace throughline::process

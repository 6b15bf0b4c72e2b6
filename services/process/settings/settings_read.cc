// Reads settings from the file, the environment and the command line, and reports the result.

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "libs/command_line/nearest.h"
#include "libs/command_line/usage.h"
#include "libs/command_line/version.h"
#include "libs/files/whole_file.h"
#include "services/process/settings/settings.h"
#include "services/process/settings/settings_file.h"

namespace throughline::process {
namespace {

constexpr char kFile[] = ".file";

std::string VariableOf(const std::string& key) {
  return absl::StrCat("THROUGHLINE_", absl::AsciiStrToUpper(absl::StrReplaceAll(key, {{".", "_"}, {"-", "_"}})));
}
std::string FlagOf(const std::string& key) { return absl::StrCat("--", absl::StrReplaceAll(key, {{".", "-"}})); }

// `name.file` for `name`, and `name` for `name.file`.
std::string OtherOf(const std::string& name) {
  return absl::EndsWith(name, kFile) ? name.substr(0, name.size() - std::strlen(kFile)) : name + kFile;
}

// Sets a value; it replaces an earlier one, given as a value or as a file.
void Overrule(std::map<std::string, std::string>& given, const std::string& name, const std::string& value) {
  given.erase(OtherOf(name));
  given[name] = value;
}

}  // namespace

bool Settings::Known(const std::string& key) const {
  return std::any_of(settings_.begin(), settings_.end(), [&](const Setting& setting) { return setting.key == key; });
}

std::string Settings::Named(const std::string& key) const {
  const auto given = given_.find(key);
  return absl::StrCat(key, " (", given == given_.end() ? FlagOf(key) : given->second.origin, ")");
}

bool Settings::ReadFile(const std::string& path, Problems& problems) {
  const std::optional<std::string> content = files::ReadFile(path);
  if (!content) {
    problems.push_back(absl::StrCat("config (--config): the file ", path, " cannot be read: name one that exists"));
    return false;
  }
  ParsedFile file = ParseSettingsFile(*content);
  std::vector<std::string> keys;
  for (const Setting& setting : settings_) keys.push_back(setting.key);
  for (const std::string& problem : file.problems) problems.push_back(absl::StrCat(path, " ", problem));
  for (FileEntry& entry : file.entries) {
    auto passed = std::find_if(passed_.begin(), passed_.end(),
                               [&](const Passed& p) { return absl::StartsWith(entry.name, p.key + "."); });
    const std::string origin = absl::StrCat(path, " line ", entry.line);
    if (passed != passed_.end()) {
      passed->given[entry.name.substr(passed->key.size() + 1)] = entry.value;
    } else if (Known(entry.name)) {
      given_[entry.name] = {std::move(entry.value), origin};
    } else {
      problems.push_back(absl::StrCat(origin, ": there is no setting ", entry.name,
                                      command_line::DidYouMean(entry.name, keys), " (--help lists them all)"));
    }
  }
  return file.is_toml;
}

void Settings::ReadEnvironment(const std::map<std::string, std::string>& environment) {
  for (const Setting& setting : settings_) {
    const std::string variable = VariableOf(setting.key);
    if (auto found = environment.find(variable); found != environment.end())
      given_[setting.key] = {found->second, variable};
  }
  for (Passed& passed : passed_) {
    const std::string prefix = VariableOf(passed.key) + "_";
    for (const auto& [name, value] : environment) {
      if (!absl::StartsWith(name, prefix) || name.size() == prefix.size()) continue;
      const std::string own = absl::AsciiStrToLower(absl::StrReplaceAll(name.substr(prefix.size()), {{"_", "."}}));
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
      problems.push_back(absl::StrCat(Named(setting.key), ": ", Quoted(given->second.value), " ", wrong));
    }
  }
  for (Passed& passed : passed_) TakePassed(passed, problems);
  const Complain complain = [&](const std::string& key, absl::string_view what) {
    problems.push_back(absl::StrCat(Named(key), ": ", what));
  };
  for (const auto& check : checks_) check(complain);
}

void Settings::TakePassed(Passed& passed, Problems& problems) {
  for (const auto& [name, value] : passed.given) {
    if (!absl::EndsWith(name, kFile)) {
      passed.values->emplace_back(name, value);
      continue;
    }
    const std::string real = OtherOf(name);
    if (!files::ReadFile(value)) {
      problems.push_back(absl::StrCat(Named(passed.key), ": ", name, ": the file ", value,
                                      " cannot be read: name one that this user may read"));
    } else if (passed.given.contains(real)) {
      problems.push_back(absl::StrCat(Named(passed.key), ": ", real, " and ", name, " are both given: leave one out"));
    } else {
      passed.values->emplace_back(name, value);
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
  app.allow_extras();  // so that they are reported with all other problems
  app.set_version_flag("--version", command_line::Version(program_), "Print the version and the commit, and end");
  std::string file = variables.contains("THROUGHLINE_CONFIG") ? variables["THROUGHLINE_CONFIG"] : "";
  bool print = false;
  app.add_option("--config", file, "The file with settings, also THROUGHLINE_CONFIG")->type_name("FILE");
  app.add_flag("--print-config", print, "Print what is in force, in the file's format and without secrets, and end");
  std::map<std::string, std::string> flags, switches;
  for (const Setting& setting : settings_) {
    const std::string shown = absl::StrReplaceAll(setting.show(), {{"\"", ""}});
    const std::string help = absl::StrCat(setting.help, shown.empty() ? "" : absl::StrCat(" [", shown, "]"), " (",
                                          VariableOf(setting.key), ")");
    if (setting.is_flag) {
      app.add_flag(FlagOf(setting.key), switches[setting.key], help);  // as text: the setting judges it
      continue;
    }
    app.add_option_function<std::string>(
           FlagOf(setting.key), [&flags, key = setting.key](const std::string& value) { flags[key] = value; }, help)
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
  constexpr char kSeeHelp[] = " (--help lists all options)";
  if (const auto wrong = command_line::FindEmptyValue(app, arguments)) return {2, "", {*wrong + kSeeHelp}};
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    return {0, app.help(), {}};
  } catch (const CLI::CallForVersion&) {
    return {0, command_line::Version(program_) + "\n", {}};
  } catch (const CLI::ParseError& error) {
    return {2, "", {command_line::DescribeParseError(app, error) + kSeeHelp}};
  }
  for (const auto& [key, value] : switches) {
    if (app.count(FlagOf(key)) > 0) flags[key] = value;
  }
  std::vector<std::string> options;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) options.push_back("--" + name);
  }
  for (const std::string& unknown : app.remaining()) {
    if (absl::StartsWith(unknown, "--")) {
      const std::string option = unknown.substr(0, unknown.find('='));
      problems.push_back(absl::StrCat("there is no option ", option, command_line::DidYouMean(option, options),
                                      " (--help lists them all)"));
    } else {
      problems.push_back(absl::StrCat("`", unknown, "` belongs to no option (--help lists them all)"));
    }
  }

  // Stop here: without the file, every setting in it would be reported as missing.
  if (!file.empty() && !ReadFile(file, problems)) return {2, "", std::move(problems)};
  ReadEnvironment(variables);
  for (const auto& [key, value] : flags) given_[key] = {value, FlagOf(key)};
  for (size_t i = 0; i < passed_.size(); ++i) {
    for (const std::string& pair : pairs[i]) {
      const size_t equals = pair.find('=');
      const std::string name = pair.substr(0, equals);
      if (equals == std::string::npos || equals == 0) {
        problems.push_back(absl::StrCat(FlagOf(passed_[i].key), ": `", pair, "` is not NAME=VALUE: write for instance ",
                                        FlagOf(passed_[i].key), " client.id=NAME"));
      } else if (passed_[i].Hides(name)) {
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
  errno = 0;
  if (!outcome.out.empty() && (std::fputs(outcome.out.c_str(), stdout) < 0 || std::fflush(stdout) != 0)) {
    std::fprintf(stderr, "%s: the output could not be written: %s\n", program_.c_str(), std::strerror(errno));
    return 3;
  }
  for (const std::string& problem : outcome.problems) {
    std::fprintf(stderr, "%s: %s\n", program_.c_str(), problem.c_str());
  }
  return outcome.exit_code;
}

}  // namespace throughline::process

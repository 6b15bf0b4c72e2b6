#include "libs/command_line/usage.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace throughline::command_line {
namespace {

using Apps = std::vector<const CLI::App*>;

// The option whose name begins `text`, which loses it. Searches the innermost command first. Null: there is none.
const CLI::Option* TakeOption(const Apps& apps, absl::string_view& text) {
  const CLI::Option* best = nullptr;
  size_t longest = 0;
  for (auto app = apps.rbegin(); app != apps.rend(); ++app) {
    for (const CLI::Option* option : (*app)->get_options()) {
      const std::string name = option->get_name();
      if (name.size() <= longest || !absl::StartsWith(text, name)) continue;
      if (name.size() < text.size() && text[name.size()] != ':' && text[name.size()] != ' ') continue;
      best = option;
      longest = name.size();
    }
  }
  text.remove_prefix(longest);
  return best;
}

// ` (NUMBER, 0 or more)`
std::string TypeOf(const CLI::Option& option) {
  const std::string type = absl::StrReplaceAll(option.get_type_name(), {{":", ", "}});
  return type.empty() ? "" : absl::StrCat(" (", type, ")");
}

std::string Times(size_t count) { return count == 2 ? "twice" : absl::StrCat(count, " times"); }

std::string WrongCount(const CLI::Option& option) {
  const std::string name = ShownName(option);
  const auto most = static_cast<size_t>(option.get_items_expected_max());
  if (option.count() <= most) return absl::StrCat(name, " has no value: write one after it", TypeOf(option));
  if (most <= 1) return absl::StrCat(name, " is given ", Times(option.count()), ": give it once");
  return absl::StrCat(name, " has ", option.count(), " values: give it ", most, " at most");
}

std::string Unreadable(const CLI::Option& option) {
  const std::string name = ShownName(option);
  const std::string value = option.results().empty() ? "" : option.results().front();
  if (option.get_items_expected_max() == 0) {
    return absl::StrCat(name, " takes no value, but has `", value, "`: write ", name, " alone");
  }
  return absl::StrCat(name, ": `", value, "` cannot be read: write another value", TypeOf(option));
}

// All that is missing, not only what CLI11 found first.
std::string Missing(const CLI::App& command, const CLI::Option& first) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_required() && option->count() == 0) names.push_back(ShownName(*option));
  }
  if (names.size() <= 1) return absl::StrCat(ShownName(first), " is missing: add it");
  const std::string last = names.back();
  names.pop_back();
  return absl::StrCat(absl::StrJoin(names, ", "), " and ", last, " are missing: add them");
}

// CLI11 lists the group as `[--format,files]`.
std::string OneOfGroup(const Apps& apps, const std::string& path, absl::string_view said) {
  said = said.substr(said.find('[') + 1);
  std::vector<std::string> names;
  for (absl::string_view name : absl::StrSplit(said.substr(0, said.find(']')), ',')) {
    const CLI::Option* option = TakeOption(apps, name);
    if (option != nullptr) names.push_back(ShownName(*option));
  }
  return absl::StrCat("`", path, "` needs one of ", absl::StrJoin(names, ", "));
}

bool HasLongOption(const CLI::App& app, const std::string& name) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->check_lname(name)) return true;
  }
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (HasLongOption(*command, name)) return true;
  }
  return false;
}

}  // namespace

Apps NamedCommands(const CLI::App& root) {
  Apps apps = {&root};
  for (auto inner = root.get_subcommands(); !inner.empty(); inner = inner.front()->get_subcommands()) {
    apps.push_back(inner.front());
  }
  return apps;
}

std::string PathOf(const CLI::App& root) {
  return absl::StrJoin(NamedCommands(root), " ",
                       [](std::string* out, const CLI::App* app) { *out += app->get_name(); });
}

std::string ShownName(const CLI::Option& option) {
  return option.get_positional() ? absl::AsciiStrToUpper(option.get_name()) : option.get_name();
}

std::string DescribeParseError(const CLI::App& root, const CLI::ParseError& error) {
  const Apps apps = NamedCommands(root);
  const std::string kind = error.get_name();
  const std::string said = error.what();
  absl::string_view rest = said;
  absl::ConsumePrefix(&rest, "Could not convert: ");
  const CLI::Option* option = TakeOption(apps, rest);
  if (option == nullptr) {
    return kind == "RequiredError" && absl::StrContains(said, "[") ? OneOfGroup(apps, PathOf(root), said) : said;
  }
  const std::string name = ShownName(*option);
  if (kind == "ArgumentMismatch") return WrongCount(*option);
  if (kind == "ConversionError") return Unreadable(*option);
  if (kind == "ValidationError") return name + std::string(rest);
  if (kind == "RequiredError") return Missing(*apps.back(), *option);
  const bool excludes = absl::ConsumePrefix(&rest, " excludes ");
  if (!excludes && !absl::ConsumePrefix(&rest, " requires ")) return said;
  const CLI::Option* other = TakeOption(apps, rest);
  if (other == nullptr) return said;
  const std::string second = ShownName(*other);
  if (!excludes) return absl::StrCat(name, " needs ", second, ": add ", second, ", or leave ", name, " out");
  // CLI11 finds one of the two first, by chance.
  return absl::StrCat(std::min(name, second), " and ", std::max(name, second),
                      " exclude each other: leave one of them out");
}

std::optional<std::string> FindEmptyValue(const CLI::App& root, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word == "--") break;
    if (!absl::StartsWith(word, "--") || !absl::EndsWith(word, "=")) continue;
    const std::string name = word.substr(2, word.size() - 3);
    if (HasLongOption(root, name)) {
      return absl::StrCat("--", name, " has no value: write one after the `=`, or leave --", name, " out");
    }
  }
  return std::nullopt;
}

}  // namespace throughline::command_line

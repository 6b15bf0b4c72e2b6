#include "services/throughline/cli/options/usage_error.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/command_line/nearest.h"
#include "libs/command_line/usage.h"

namespace throughline::tool {
namespace {

std::vector<const CLI::App*> CommandsOf(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* command) { return !command->get_name().empty(); });
}

std::vector<std::string> NamesOf(const std::vector<const CLI::App*>& apps) {
  std::vector<std::string> names;
  for (const CLI::App* app : apps) {
    names.push_back(app->get_name());
    for (const std::string& alias : app->get_aliases()) names.push_back(alias);
  }
  return names;
}

// The full path of a command with this name elsewhere in the tree: `throughline order trace`. Empty: there is none.
std::string Elsewhere(const CLI::App& app, const std::string& path, const std::string& name) {
  for (const CLI::App* command : CommandsOf(app)) {
    const std::string inner = absl::StrCat(path, " ", command->get_name());
    if (command->get_name() == name) return inner;
    if (std::string found = Elsewhere(*command, inner, name); !found.empty()) return found;
  }
  return "";
}

bool IsOption(const std::string& word) { return word.size() > 1 && word[0] == '-' && !absl::ascii_isdigit(word[1]); }

std::string UnknownOption(const std::vector<const CLI::App*>& named, const std::string& word) {
  const std::string option = word.substr(0, word.find('='));
  std::vector<std::string> known;
  for (auto app = named.rbegin(); app != named.rend(); ++app) {  // the innermost command first
    for (const CLI::Option* one : (*app)->get_options()) {
      for (const std::string& name : one->get_lnames()) known.push_back("--" + name);
    }
  }
  return absl::StrCat("there is no option `", option, "`", command_line::DidYouMean(option, known));
}

std::string UnknownCommand(const CLI::App& root, const CLI::App& at, const std::string& path, const std::string& word) {
  const std::vector<std::string> known = NamesOf(CommandsOf(at));
  if (known.empty()) return absl::StrCat("`", word, "` is one word more than `", path, "` takes");
  std::string near = command_line::DidYouMean(word, known);
  if (near.empty()) {
    if (const std::string other = Elsewhere(root, root.get_name(), word); !other.empty()) {
      near = absl::StrCat("; did you mean `", other, "`?");
    }
  }
  return absl::StrCat("there is no command `", path, " ", word, "`",
                      near.empty() ? absl::StrCat(": there are ", absl::StrJoin(known, ", ")) : near);
}

}  // namespace

std::string DescribeUsage(const CLI::App& root, const CLI::ParseError& error) {
  const std::vector<const CLI::App*> named = command_line::NamedCommands(root);
  const CLI::App& at = *named.back();
  const std::string path = command_line::PathOf(root);
  // Report an unknown word first: it also causes errors about missing or extra words.
  const std::vector<std::string> unknown = root.remaining(true);
  const auto is = [&](CLI::ExitCodes code) { return error.get_exit_code() == static_cast<int>(code); };
  const bool missing = is(CLI::ExitCodes::RequiredError);
  const bool about_words = missing || is(CLI::ExitCodes::RequiresError) || is(CLI::ExitCodes::ExtrasError);
  if (about_words && !unknown.empty()) {
    return IsOption(unknown.front()) ? UnknownOption(named, unknown.front())
                                     : UnknownCommand(root, at, path, unknown.front());
  }
  const std::vector<std::string> commands = NamesOf(CommandsOf(at));
  if (missing && !commands.empty()) {
    return absl::StrCat("`", path, "` needs a command: ", absl::StrJoin(commands, ", "));
  }
  return command_line::DescribeParseError(root, error);
}

}  // namespace throughline::tool

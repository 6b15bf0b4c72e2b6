#include "services/throughline/cli/completion/completion_tree.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace throughline::tool {
namespace {

// The help's placeholder names the choices: `phone|email`, or `TEXT:{auto,always}`.
std::vector<std::string> ChoicesIn(const std::string& type) {
  const size_t open = type.find('{'), close = type.find('}');
  if (open != std::string::npos && close != std::string::npos && open < close) {
    return absl::StrSplit(type.substr(open + 1, close - open - 1), ',', absl::SkipEmpty());
  }
  const bool words = absl::StrContains(type, "|") && std::all_of(type.begin(), type.end(), [](unsigned char c) {
                       return absl::ascii_islower(c) || c == '|' || c == '-';
                     });
  if (!words) return {};
  return absl::StrSplit(type, '|', absl::SkipEmpty());
}

CompletionOption ReadOption(const CLI::Option& option) {
  CompletionOption read;
  for (const std::string& name : option.get_snames()) read.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) read.names.push_back("--" + name);
  read.description = option.get_description();
  read.takes_value = option.get_type_size_max() > 0 && option.get_items_expected_max() > 0;
  const std::string type = option.get_type_name();
  read.takes_file = absl::StrContains(type, "FILE") || absl::StrContains(type, "DIR");
  read.choices = ChoicesIn(type);
  return read;
}

CompletionNode ReadNode(const CLI::App& app, const std::string& path) {
  CompletionNode node;
  node.path = path;
  node.name = app.get_name();
  node.description = app.get_description();
  for (const CLI::Option* option : app.get_options()) node.options.push_back(ReadOption(*option));
  for (const CLI::App* command : app.get_subcommands([](const CLI::App* sub) { return !sub->get_name().empty(); })) {
    node.commands.push_back(ReadNode(*command, absl::StrCat(path, "/", command->get_name())));
  }
  return node;
}

}  // namespace

CompletionNode ReadCompletionTree(const CLI::App& app) { return ReadNode(app, ""); }

}  // namespace throughline::tool

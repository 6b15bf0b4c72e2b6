// Prints the command tree as a shell script. The scripts of all three shells walk the words to find the command, then
// offer its subcommands, its options and the global options.

#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

#include "services/throughline/cli/completion/completion_tree.h"

namespace throughline::tool {
namespace {

void Visit(const CompletionNode& node, const std::function<void(const CompletionNode&)>& visit) {
  visit(node);
  for (const CompletionNode& command : node.commands) Visit(command, visit);
}

// Quotes the text with single quotes, for all three shells.
std::string Quote(const std::string& text) { return "'" + absl::StrReplaceAll(text, {{"'", "’"}}) + "'"; }

std::vector<std::string> AllPaths(const CompletionNode& root) {
  std::vector<std::string> paths;
  Visit(root, [&](const CompletionNode& node) {
    if (!node.path.empty()) paths.push_back(node.path);
  });
  return paths;
}

// Global options may stand anywhere.
std::string At(const CompletionNode& node) { return node.path.empty() ? "*" : node.path; }

// `case` arms that complete the value of an option: files, choices, or nothing.
std::string ValueArms(const CompletionNode& root, const std::string& files, const std::string& choices) {
  std::string arms;
  Visit(root, [&](const CompletionNode& node) {
    for (const CompletionOption& option : node.options) {
      if (!option.takes_value || option.names.empty()) continue;
      const std::string pattern = absl::StrJoin(option.names, "|", [&](std::string* out, const std::string& name) {
        absl::StrAppend(out, At(node), ":", name);
      });
      const std::string offer = option.takes_file ? files
                                : option.choices.empty()
                                    ? ":"
                                    : absl::StrReplaceAll(choices, {{"@", absl::StrJoin(option.choices, " ")}});
      absl::StrAppend(&arms, "    ", pattern, ") ", offer, "; return ;;\n");
    }
  });
  return arms;
}

bool PositionalFile(const CompletionNode& node) {
  for (const auto& option : node.options) {
    if (option.names.empty() && option.takes_file) return true;
  }
  return false;
}

std::vector<std::string> Words(const CompletionNode& node) {
  std::vector<std::string> words;
  for (const auto& command : node.commands) words.push_back(command.name);
  for (const auto& option : node.options) {
    words.insert(words.end(), option.names.begin(), option.names.end());
    if (option.names.empty()) words.insert(words.end(), option.choices.begin(), option.choices.end());
  }
  return words;
}

std::string Bash(const CompletionNode& root) {
  std::string script = absl::StrCat(
      "# throughline completion bash: source it, or put it in ~/.local/share/bash-completion/completions/throughline\n"
      "_throughline() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} at= i words= files=\n"
      "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
      "    case \"$at/${COMP_WORDS[i]}\" in\n      ",
      absl::StrJoin(AllPaths(root), "|"),
      ") at=$at/${COMP_WORDS[i]} ;;\n    esac\n  done\n"
      "  case \"$at:$prev\" in\n",
      ValueArms(root, "compopt -o filenames; COMPREPLY=($(compgen -f -- \"$cur\"))",
                "COMPREPLY=($(compgen -W '@' -- \"$cur\"))"),
      "  esac\n  case \"$at\" in\n");
  Visit(root, [&](const CompletionNode& node) {
    absl::StrAppend(&script, "    ", Quote(node.path), ") words=", Quote(absl::StrJoin(Words(node), " ")),
                    PositionalFile(node) ? " files=1" : "", " ;;\n");
  });
  absl::StrAppend(
      &script, "  esac\n  [[ $cur == -* ]] && words=\"$words ",
      absl::StrJoin(Words(root), " ",
                    [](std::string* out, const std::string& word) {
                      if (word[0] == '-') *out += word;
                    }),
      "\"\n  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
      "  if [[ $files && $cur != -* ]]; then compopt -o filenames; COMPREPLY+=($(compgen -f -- \"$cur\")); fi\n"
      "}\ncomplete -F _throughline throughline\n");
  return script;
}

std::string Zsh(const CompletionNode& root) {
  std::string script = absl::StrCat(
      "#compdef throughline\n"
      "# throughline completion zsh: put it in a folder of $fpath as _throughline\n"
      "_throughline() {\n"
      "  local at= word\n  local -a items\n"
      "  for word in ${words[2,CURRENT-1]}; do\n"
      "    case \"$at/$word\" in\n      ",
      absl::StrJoin(AllPaths(root), "|"),
      ") at=$at/$word ;;\n    esac\n  done\n"
      "  case \"$at:${words[CURRENT-1]}\" in\n",
      ValueArms(root, "_files", "compadd -- @"), "  esac\n  case \"$at\" in\n");
  const auto item = [](const std::string& name, const std::string& description) {
    return absl::StrCat(" ", Quote(absl::StrCat(absl::StrReplaceAll(name, {{":", "\\:"}}), ":",
                                                absl::StrReplaceAll(description, {{":", "\\:"}}))));
  };
  Visit(root, [&](const CompletionNode& node) {
    absl::StrAppend(&script, "    ", Quote(node.path), ") items=(");
    for (const auto& command : node.commands) script += item(command.name, command.description);
    for (const auto& option : node.options) {
      for (const auto& name : option.names) script += item(name, option.description);
      if (option.names.empty()) {
        for (const auto& choice : option.choices) script += item(choice, option.description);
      }
    }
    absl::StrAppend(&script, " )", PositionalFile(node) ? "; _files" : "", " ;;\n");
  });
  absl::StrAppend(&script, "  esac\n  if [[ -n $at && ${words[CURRENT]} == -* ]]; then items+=(");
  for (const auto& option : root.options) {
    for (const auto& name : option.names) script += item(name, option.description);
  }
  return script + " ); fi\n  _describe throughline items\n}\ncompdef _throughline throughline\n";
}

std::string Fish(const CompletionNode& root) {
  std::string script = absl::StrCat(
      "# throughline completion fish: put it in ~/.config/fish/completions/throughline.fish\n"
      "function __throughline_at\n"
      "  set -l at ''\n"
      "  for word in (commandline -opc)[2..-1]\n"
      "    if contains -- \"$at/$word\" ",
      absl::StrJoin(AllPaths(root), " "),
      "\n      set at \"$at/$word\"\n    end\n  end\n"
      "  test \"$at\" = \"$argv[1]\"\nend\ncomplete -c throughline -f\n");
  Visit(root, [&](const CompletionNode& node) {
    const std::string here = absl::StrCat("complete -c throughline -n \"__throughline_at '", node.path, "'\"");
    for (const auto& command : node.commands) {
      absl::StrAppend(&script, here, " -a ", command.name, " -d ", Quote(command.description), "\n");
    }
    for (const auto& option : node.options) {
      absl::StrAppend(&script, node.path.empty() && !option.names.empty() ? "complete -c throughline" : here);
      for (const auto& name : option.names) {
        absl::StrAppend(&script, name[1] == '-' ? " -l " + name.substr(2) : " -s " + name.substr(1));
      }
      if (option.takes_value && !option.names.empty()) script += " -r";
      if (option.takes_file) script += " -F";
      if (!option.choices.empty()) absl::StrAppend(&script, " -a ", Quote(absl::StrJoin(option.choices, " ")));
      absl::StrAppend(&script, " -d ", Quote(option.description), "\n");
    }
  });
  return script;
}

}  // namespace

std::string CompletionScript(const CompletionNode& root, const std::string& shell) {
  if (shell == "zsh") return Zsh(root);
  return shell == "fish" ? Fish(root) : Bash(root);
}

}  // namespace throughline::tool

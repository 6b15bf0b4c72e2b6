#pragma once

// The command tree for shell completion, built from the App's own commands, so that it is always current.
//
// Pure functions; safe from any thread.

#include <string>
#include <vector>

#include "CLI/CLI.hpp"

namespace throughline::tool {

struct CompletionOption {
  std::vector<std::string> names;  // with dashes; empty: a positional argument
  std::string description;
  bool takes_value = false;
  bool takes_file = false;           // completes file and folder names
  std::vector<std::string> choices;  // allowed values; empty: any
};

// One command. The first is the program itself; every command precedes its subcommands.
struct CompletionNode {
  std::string path;  // `/order/trace`; empty: the program
  std::string name;
  std::string description;
  std::vector<CompletionNode> commands;
  std::vector<CompletionOption> options;
};

CompletionNode ReadCompletionTree(const CLI::App& app);

// The script to source; `shell` is `bash`, `zsh` or `fish`.
std::string CompletionScript(const CompletionNode& root, const std::string& shell);

}  // namespace throughline::tool

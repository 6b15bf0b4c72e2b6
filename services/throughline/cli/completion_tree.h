#pragma once

// What a shell needs to know to complete a command line, read off the App's own tree, so that it cannot go stale.
//
// Pure functions; safe from any thread.

#include <string>
#include <vector>

#include "CLI/CLI.hpp"

namespace throughline::tool {

struct CompletionOption {
  std::vector<std::string> names;  // with their dashes; empty: a positional argument
  std::string description;
  bool takes_value = false;
  bool takes_file = false;           // a file or a folder
  std::vector<std::string> choices;  // of the value; empty: anything
};

// One command; the first one is the program itself, and every command stands before those inside it.
struct CompletionNode {
  std::string path;  // `/order/trace`; empty: the program
  std::string name;
  std::string description;
  std::vector<CompletionNode> commands;
  std::vector<CompletionOption> options;
};

CompletionNode ReadCompletionTree(const CLI::App& app);

// The script to be sourced: `bash`, `zsh` or `fish`.
std::string CompletionScript(const CompletionNode& root, const std::string& shell);

}  // namespace throughline::tool

#pragma once

// What is wrong with a command line, named, with the nearest right word. Read off the App's own tree, so that it cannot
// go stale. Pure; any thread.

#include <string>

#include "CLI/CLI.hpp"

namespace throughline::tool {

// One line for people. `root` is the program that was just parsed.
std::string DescribeUsage(const CLI::App& root, const CLI::ParseError& error);

// The command that the line named, as far as it was understood: `throughline order trace`.
std::string NamedCommand(const CLI::App& root);

}  // namespace throughline::tool

#pragma once

// Explains an invalid command line and suggests the nearest valid word. Reads the App's own tree, so that it is always
// current. Pure; any thread.

#include <string>

#include "CLI/CLI.hpp"

namespace throughline::tool {

// One line for people. `root` is the program whose parse failed.
std::string DescribeUsage(const CLI::App& root, const CLI::ParseError& error);

// The command that was recognized: `throughline order trace`.
std::string NamedCommand(const CLI::App& root);

}  // namespace throughline::tool

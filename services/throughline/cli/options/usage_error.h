#pragma once

// Explains an invalid command line and suggests the nearest valid word. Reads the App's own tree, so that it is always
// current. Errors about an option's value: libs/command_line/usage.h. Pure; any thread.

#include <string>

#include "CLI/CLI.hpp"

namespace throughline::tool {

// One line for people. `root` is the program whose parse failed.
std::string DescribeUsage(const CLI::App& root, const CLI::ParseError& error);

}  // namespace throughline::tool

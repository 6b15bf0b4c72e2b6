#pragma once

// Turns CLI11's parse errors into one sentence that names the option and says what to write. For the tool and the
// services alike, so that no user sees CLI11's own words.
//
//   } catch (const CLI::ParseError& error) {
//     complain(DescribeParseError(app, error));    // `--limit is given twice: give it once`
//
// Pure functions; any thread.

#include <optional>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"

namespace throughline::command_line {

// The App of the program, then of each command named on the line.
std::vector<const CLI::App*> NamedCommands(const CLI::App& root);

// The commands that were recognized: `throughline order trace`.
std::string PathOf(const CLI::App& root);

// `--due`, or the name of a positional argument in capitals: `CASE`.
std::string ShownName(const CLI::Option& option);

// One line for people. `root` is the program whose parse failed.
std::string DescribeParseError(const CLI::App& root, const CLI::ParseError& error);

// CLI11 takes the word after `--as=` as its value. Call it before the parse: a sentence about the first option that is
// written so. None: there is no such word.
std::optional<std::string> FindEmptyValue(const CLI::App& root, const std::vector<std::string>& words);

}  // namespace throughline::command_line

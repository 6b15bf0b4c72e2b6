#pragma once

// Checks of option values. Errors say what to write; CLI11 puts the option's name before them. Pure functions; safe
// from any thread.

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"

namespace throughline::tool {

// One of these words; shown in the help as `{auto,always,never}`.
CLI::Validator OneOf(std::vector<std::string> words);

// A whole number. Without `most`, any that fits an int; errors call that `0 or more`.
CLI::Validator WholeNumber(int64_t least, int64_t most = std::numeric_limits<int>::max());

// A number; it may have a fraction.
CLI::Validator NumberFrom(double least, double most);

// `none of phone, email, web; did you mean `phone`?`
std::string NoneOf(const std::string& text, const std::vector<std::string>& words);

}  // namespace throughline::tool

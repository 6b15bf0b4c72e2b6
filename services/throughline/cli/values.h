#pragma once

// What the value of an option may be, checked with an error that says what to write; CLI11 puts the option's name
// before it. Pure functions; safe from any thread.

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"

namespace throughline::tool {

// One of these words, for the help as `{auto,always,never}`.
CLI::Validator OneOf(std::vector<std::string> words);

// A whole number; without `most` as many as fit an int, which an error calls `0 or more`.
CLI::Validator WholeNumber(int64_t least, int64_t most = std::numeric_limits<int>::max());

// A number that may have a fraction.
CLI::Validator NumberFrom(double least, double most);

// `none of phone, email, web; did you mean `phone`?`
std::string NoneOf(const std::string& text, const std::vector<std::string>& words);

}  // namespace throughline::tool

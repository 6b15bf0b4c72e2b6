#pragma once

// A message as its sentences, each in a plain form that rules are written for: curly quotes and apostrophes are
// straight, all dashes are `-`, any white space is one space, and emphasis (`*must*`) and invisible characters are left
// out. Letters keep their case.
//
// A sentence ends at `.`, `!` or `?`, at an empty line, and before a line that begins a list item or names who speaks
// (`Agent: ...`); not at an abbreviation (`e.g.`) nor inside a number. One longer than kLongestSentence is cut at a
// space.
//
// Pure functions; safe from any thread.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace throughline::intake {

inline constexpr size_t kLongestSentence = 2000;  // bytes

struct Sentence {
  std::string plain;  // not empty; no space at either end
  // For each byte of `plain`: where the character that it stands for begins and ends in the message.
  std::vector<uint32_t> begins;
  std::vector<uint32_t> ends;
};

// `text` is UTF-8 of less than 4 GiB.
std::vector<Sentence> SentencesOf(std::string_view text);

}  // namespace throughline::intake

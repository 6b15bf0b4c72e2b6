#pragma once

// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. Pure functions.

#include <cstddef>
#include <string>
#include <string_view>

namespace throughline::server {

// The character that `text` begins with. `length` 0: there is none, or what is there is not valid.
struct Character {
  char32_t code = 0;
  size_t length = 0;
};
Character FirstCharacter(std::string_view text);

// The offset of the first byte that does not belong to a valid sequence; `text.size()` if all is valid.
size_t FirstInvalidUtf8(std::string_view text);

// `text` with each invalid byte replaced by `?`, cut to at most `max` bytes at a boundary of characters. The one
// function that shortens texts: whatever is cut elsewhere may end in half a character, and then nobody can read the
// record.
std::string CleanUtf8(std::string_view text, size_t max);

// `text` with two noncharacters, which no text may hold, in place of each invalid byte, so that it can be read and what
// was invalid is found again.
std::string MarkInvalidUtf8(std::string_view text);
// What was marked, as it came.
std::string WithoutInvalidMarks(std::string_view text);

}  // namespace throughline::server

#pragma once

// UTF-8 as in RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. Pure functions; any thread.

#include <cstddef>
#include <string>
#include <string_view>

namespace throughline::server {

// The first character of `text`. `length` 0: `text` is empty or begins with an invalid byte.
struct Character {
  char32_t code = 0;
  size_t length = 0;
};
Character FirstCharacter(std::string_view text);

// The offset of the first byte outside of a valid sequence; `text.size()` if all is valid.
size_t FirstInvalidUtf8(std::string_view text);

// `text` with each invalid byte replaced by `?`, cut at a character boundary to at most `max` bytes. Always shorten
// text with this function: half a character makes a protobuf string unreadable.
std::string CleanUtf8(std::string_view text, size_t max);

// Replaces each invalid byte by two noncharacters, which no valid input holds: the result is valid UTF-8, and
// WithoutInvalidMarks restores the original.
std::string MarkInvalidUtf8(std::string_view text);
std::string WithoutInvalidMarks(std::string_view text);

}  // namespace throughline::server

#pragma once

// The characters that input may contain, and an escape for those that it may not.
//
// The rules make sure that ids that look the same are the same, that a line is one line, and that no text controls a
// terminal or changes the reading direction of the text after it. Pure functions; any thread.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace throughline::server {

enum class TextKind {
  kId,      // a name: no control, invisible, formatting or variation characters, no blank except U+0020
  kLine,    // a line: no control, invisible or formatting characters
  kWords,   // a line by a carrier: as kLine, but no-break spaces and soft hyphens are allowed
  kText,    // lines: tabs and line breaks, no other control and no direction characters; joiners are allowed
  kOpaque,  // visible ASCII
};

struct ForbiddenCharacter {
  size_t at = 0;          // byte offset
  std::string name = {};  // `U+202E`; `not UTF-8` if the bytes there are no character
};

// The first character of `text` that is not allowed in this kind of text.
std::optional<ForbiddenCharacter> FindForbidden(std::string_view text, TextKind kind);

// Whether the text begins or ends with a blank, in any script.
bool HasOuterBlank(std::string_view text);

// For logs and terminals: at most the first `max` bytes of the text as valid UTF-8, with every character that kLine
// forbids escaped as in JSON (`\u001b`, `\u202e`).
std::string Escaped(std::string_view text, size_t max);

}  // namespace throughline::server

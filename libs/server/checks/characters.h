#pragma once

// Which characters may stand in what comes from outside, and how those that may not are shown.
//
// Two ids that look alike must be alike, a line must stay one line, and no text may steer a terminal or turn the
// reading direction of what follows. Pure functions; safe from any thread.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace throughline::server {

enum class TextKind {
  kId,      // one name: no control, invisible, formatting or variation characters, no blank but U+0020
  kLine,    // one line: no control, invisible or formatting characters
  kWords,   // a line as a carrier wrote it: as kLine, but no-break spaces and soft hyphens are taken
  kText,    // lines: tabs and line breaks, no other control, no direction overrides; joiners of emoji and scripts stay
  kOpaque,  // visible ASCII
};

struct ForbiddenCharacter {
  size_t at = 0;          // the byte that it begins at
  std::string name = {};  // `U+202E`; `not UTF-8` if the bytes there are no character
};

// The first character of `text` that may not stand in such a text.
std::optional<ForbiddenCharacter> FindForbidden(std::string_view text, TextKind kind);

// Whether the text begins or ends with a blank, in any script.
bool HasOuterBlank(std::string_view text);

// For a log or a terminal: at most the first `max` bytes of the text as valid UTF-8, in which everything that kLine
// forbids is written as in JSON (`\u001b`, `\u202e`), six bytes for one.
std::string Escaped(std::string_view text, size_t max);

}  // namespace throughline::server

#pragma once

// What a line on a terminal can be: its width, whether it may have colour, whether it knows more than ASCII; and text
// made fit for it. Text from servers may hold anything: Clean() it before it is printed.
//
// Values and pure functions, except Detect, which looks at the process's environment; safe from any thread.

#include <cstddef>
#include <string>
#include <string_view>

namespace throughline::tool {

enum class Style { kPlain, kBold, kDim, kRed, kGreen, kYellow, kBlue, kCyan, kMagenta, kAlarm };

struct Terminal {
  bool interactive = false;  // a person looks at it as it is written
  bool color = false;
  bool utf8 = false;
  size_t width = 0;  // columns; 0: no limit, as in a pipe or a file
};

enum class ColorMode { kAuto, kAlways, kNever };

// Of a file descriptor. Colour by default only on a terminal, and not where NO_COLOR is set (https://no-color.org).
// UTF-8 if LC_ALL, LC_CTYPE or LANG, the first that is set, says so.
Terminal Detect(int descriptor, ColorMode mode);

// `text` in that style if the terminal has colour.
std::string Paint(const Terminal& terminal, Style style, std::string_view text);

// How many columns the text takes: combining characters none, wide ones two. No escape sequences.
size_t Width(std::string_view text);

// One line without what could steer a terminal: control characters become spaces, marks that turn the direction of
// text go away, bytes that are not UTF-8 become `?`.
std::string Clean(std::string_view text);

// Cut to at most `width` columns, with `…` (or `...`) in place of what is missing. 0: not cut.
std::string Shorten(std::string_view text, size_t width, bool utf8);

// Broken at spaces into lines of at most `width` columns; a word that is longer gets a line of its own. 0: one line.
std::string Wrap(std::string_view text, size_t width, std::string_view indent);

// Every line that is longer than `width` columns broken at spaces; what follows stands below the line's text, that is
// behind the first gap of two spaces or more. Escape sequences take no room. Lines that are a command to be copied, and
// those that move the cursor, are left as they are. 0: nothing is broken.
std::string Flow(std::string_view text, size_t width);

}  // namespace throughline::tool

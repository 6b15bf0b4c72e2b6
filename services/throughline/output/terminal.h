#pragma once

// What a terminal can show: its width, colour, UTF-8; and functions that prepare text for it. Text from servers may
// contain anything: Clean() it before printing.
//
// Values and pure functions, except Detect, which looks at the process's environment; safe from any thread.

#include <cstddef>
#include <string>
#include <string_view>

namespace throughline::tool {

enum class Style { kPlain, kBold, kDim, kRed, kGreen, kYellow, kBlue, kCyan, kMagenta, kAlarm };

struct Terminal {
  bool interactive = false;  // a person watches the output
  bool color = false;
  bool utf8 = false;
  size_t width = 0;  // columns; 0: no limit, as in a pipe or a file
};

enum class ColorMode { kAuto, kAlways, kNever };

// Detects these for a file descriptor. By default colour is used only on a terminal, and not if NO_COLOR is set
// (https://no-color.org). UTF-8 if the first set one of LC_ALL, LC_CTYPE and LANG says so.
Terminal Detect(int descriptor, ColorMode mode);

// `text` in the style, if colour is on.
std::string Paint(const Terminal& terminal, Style style, std::string_view text);

// The display width: combining characters count 0, wide ones 2. The text has no escape sequences.
size_t Width(std::string_view text);

// The text as one line that cannot control a terminal: control characters become spaces, direction marks are removed,
// bytes that are not UTF-8 become `?`.
std::string Clean(std::string_view text);

// Cuts the text to at most `width` columns and ends it with `…` (or `...`). 0: no limit.
std::string Shorten(std::string_view text, size_t width, bool utf8);

// Breaks the text at spaces into lines of at most `width` columns; a longer word gets its own line. 0: one line.
std::string Wrap(std::string_view text, size_t width, std::string_view indent);

// Wraps every line longer than `width` columns at spaces. Continuation lines are indented to the text, which starts
// after the first gap of two spaces. Escape sequences have no width. Lines that are commands to copy, and lines that
// move the cursor, are not wrapped. 0: wraps nothing.
std::string Flow(std::string_view text, size_t width);

}  // namespace throughline::tool

#include "services/throughline/output/terminal.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <sys/ioctl.h>
#include <unistd.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "libs/server/checks/utf8.h"

namespace throughline::tool {
namespace {

std::string_view Environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing of ours changes the environment
  return value == nullptr ? std::string_view() : value;
}

// The next character and its length in bytes; a byte that is not UTF-8 counts as `?`.
server::Character Next(std::string_view text) {
  const server::Character next = server::FirstCharacter(text);
  return next.length > 0 ? next : server::Character{'?', 1};
}

bool In(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }

size_t WidthOf(char32_t c) {
  if (In(c, 0x300, 0x36F) || In(c, 0x1AB0, 0x1AFF) || In(c, 0x1DC0, 0x1DFF) || In(c, 0x20D0, 0x20FF) ||
      In(c, 0x200B, 0x200D) || In(c, 0xFE00, 0xFE0F) || In(c, 0xFE20, 0xFE2F)) {
    return 0;
  }
  const bool wide = In(c, 0x1100, 0x115F) || In(c, 0x2E80, 0xA4CF) || In(c, 0xAC00, 0xD7A3) || In(c, 0xF900, 0xFAFF) ||
                    In(c, 0xFE30, 0xFE6F) || In(c, 0xFF00, 0xFF60) || In(c, 0xFFE0, 0xFFE6) ||
                    In(c, 0x1F300, 0x1FAFF) || In(c, 0x20000, 0x3FFFD);
  return wide ? 2 : 1;
}

// Characters that change the text direction or separate lines.
bool Hidden(char32_t c) { return In(c, 0x202A, 0x202E) || In(c, 0x2066, 0x2069) || In(c, 0x200E, 0x200F); }
bool Control(char32_t c) { return c < 0x20 || In(c, 0x7F, 0x9F) || In(c, 0x2028, 0x2029); }

// The display width of a text that may contain escape sequences.
size_t PaintedWidth(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    if (text.substr(0, 2) == "\x1b[") {
      const size_t end = text.find('m');
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      continue;
    }
    const auto [character, length] = Next(text);
    width += WidthOf(character);
    text.remove_prefix(std::min(length, text.size()));
  }
  return width;
}

// The indentation of continuation lines: the column after the line's first gap, or a little if that leaves no room.
size_t HangOf(std::string_view line, size_t width) {
  const size_t begin = std::min(line.find_first_not_of(' '), line.size());
  const size_t gap = line.find("  ", begin);
  if (gap != std::string_view::npos) {
    const size_t text = line.find_first_not_of(' ', gap);
    const size_t column = text == std::string_view::npos ? width : PaintedWidth(line.substr(0, text));
    if (column <= width / 2) return column;
  }
  return std::min(begin + 2, width / 2);
}

void FlowLine(std::string_view line, size_t width, std::string& out) {
  const std::string indent(HangOf(line, width), ' ');
  size_t column = 0;
  bool begun = false;  // whether the current line has a word
  for (size_t at = 0; at < line.size();) {
    const size_t word = std::min(line.find_first_not_of(' ', at), line.size());
    const size_t end = std::min(line.find(' ', word), line.size());
    const size_t size = PaintedWidth(line.substr(word, end - word));
    if (begun && column + (word - at) + size > width) {
      out.append("\n").append(indent);
      column = indent.size();
    } else {
      out.append(line.substr(at, word - at));
      column += word - at;
    }
    out.append(line.substr(word, end - word));
    column += size;
    begun = true;
    at = end;
  }
}

}  // namespace

Terminal Detect(int descriptor, ColorMode mode) {
  Terminal terminal;
  terminal.interactive = isatty(descriptor) == 1;
  const bool wanted = terminal.interactive && Environment("NO_COLOR").empty() && Environment("TERM") != "dumb";
  terminal.color = mode == ColorMode::kAlways || (mode == ColorMode::kAuto && wanted);
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view locale = Environment(name);
    if (locale.empty()) continue;
    const std::string text = absl::AsciiStrToLower(absl::string_view(locale.data(), locale.size()));
    terminal.utf8 = absl::StrContains(text, "utf-8") || absl::StrContains(text, "utf8");
    break;
  }
  winsize size{};
  if (terminal.interactive && ioctl(descriptor, TIOCGWINSZ, &size) == 0) terminal.width = size.ws_col;
  return terminal;
}

std::string Paint(const Terminal& terminal, Style style, std::string_view text) {
  static constexpr std::array<const char*, 10> kCodes = {"", "1", "2", "31", "32", "33", "34", "36", "35", "1;31"};
  const absl::string_view plain(text.data(), text.size());
  if (!terminal.color || style == Style::kPlain || text.empty()) return std::string(text);
  return absl::StrCat("\x1b[", kCodes[static_cast<size_t>(style)], "m", plain, "\x1b[0m");
}

size_t Width(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const auto [character, length] = Next(text);
    width += WidthOf(character);
    text.remove_prefix(std::min(length, text.size()));
  }
  return width;
}

std::string Clean(std::string_view text) {
  const std::string valid = server::CleanUtf8(text, text.size());
  std::string clean;
  clean.reserve(valid.size());
  for (std::string_view rest = valid; !rest.empty();) {
    const auto [character, length] = Next(rest);
    if (Control(character)) {
      clean += ' ';
    } else if (!Hidden(character)) {
      clean += rest.substr(0, length);
    }
    rest.remove_prefix(std::min(length, rest.size()));
  }
  return clean;
}

std::string Shorten(std::string_view text, size_t width, bool utf8) {
  if (width == 0 || Width(text) <= width) return std::string(text);
  const std::string_view mark = utf8 ? "…" : "...";
  const size_t room = width > Width(mark) ? width - Width(mark) : 0;
  size_t kept = 0, used = 0;
  while (kept < text.size()) {
    const auto [character, length] = Next(text.substr(kept));
    if (used + WidthOf(character) > room) break;
    used += WidthOf(character);
    kept += length;
  }
  while (kept > 0 && text[kept - 1] == ' ') --kept;
  std::string shortened(text.substr(0, kept));
  return shortened.append(mark);
}

std::string Wrap(std::string_view text, size_t width, std::string_view indent) {
  std::string lines;
  size_t column = 0;
  for (const absl::string_view word : absl::StrSplit(absl::string_view(text.data(), text.size()), ' ')) {
    const size_t size = Width({word.data(), word.size()});
    if (column > 0 && width > 0 && column + 1 + size > width) {
      lines.append("\n").append(indent);
      column = 0;
    } else if (column > 0) {
      lines += ' ';
      ++column;
    }
    lines.append(word.data(), word.size());
    column += size;
  }
  return lines;
}

std::string Flow(std::string_view text, size_t width) {
  if (width == 0) return std::string(text);
  std::string out;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    const size_t begin = line.find_first_not_of(' ');
    const bool is_command = begin != std::string_view::npos && begin > 0 && line.substr(begin, 12) == "throughline ";
    if (is_command || line.find('\r') != std::string_view::npos || PaintedWidth(line) <= width) {
      out.append(line);
    } else {
      FlowLine(line, width, out);
    }
    if (end < text.size()) out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace throughline::tool

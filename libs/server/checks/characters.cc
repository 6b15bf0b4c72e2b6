#include "libs/server/checks/characters.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include "libs/server/checks/utf8.h"

namespace throughline::server {
namespace {

struct Range {
  char32_t first, last;
};

template <size_t kSize>
bool In(const Range (&ranges)[kSize], char32_t c) {
  const Range* after =
      std::upper_bound(std::begin(ranges), std::end(ranges), c, [](char32_t at, Range r) { return at < r.first; });
  return after != std::begin(ranges) && c <= (after - 1)->last;
}

// Unicode 15: general category Cf, default-ignorable code points and the separators of lines and paragraphs.
constexpr Range kInvisible[] = {{0x00A0, 0x00A0},   {0x00AD, 0x00AD},   {0x034F, 0x034F},   {0x0600, 0x0605},
                                {0x061C, 0x061C},   {0x06DD, 0x06DD},   {0x070F, 0x070F},   {0x0890, 0x0891},
                                {0x08E2, 0x08E2},   {0x115F, 0x1160},   {0x17B4, 0x17B5},   {0x180B, 0x180F},
                                {0x200B, 0x200F},   {0x2028, 0x202F},   {0x2060, 0x206F},   {0x2800, 0x2800},
                                {0x3164, 0x3164},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},
                                {0x110BD, 0x110BD}, {0x110CD, 0x110CD}, {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3},
                                {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}};
// General category Zs without U+0020.
constexpr Range kBlanks[] = {{0x00A0, 0x00A0}, {0x1680, 0x1680}, {0x2000, 0x200A},
                             {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}};
// Embeddings, overrides and isolates, which reorder the text around them.
constexpr Range kDirections[] = {{0x202A, 0x202E}, {0x2066, 0x2069}};
constexpr Range kTextMarks[] = {{0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}};

bool IsControl(char32_t c) { return c < 0x20 || (c >= 0x7F && c <= 0x9F); }
bool IsNoncharacter(char32_t c) { return (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF); }
bool IsVariation(char32_t c) { return c >= 0xFE00 && c <= 0xFE0F; }
bool IsBlank(char32_t c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || In(kBlanks, c); }

bool Forbidden(char32_t c, TextKind kind) {
  if (c > 0x20 && c < 0x7F) return false;
  switch (kind) {
    case TextKind::kId:
      return IsControl(c) || IsNoncharacter(c) || IsVariation(c) || In(kInvisible, c) || In(kBlanks, c);
    case TextKind::kLine:
      return IsControl(c) || IsNoncharacter(c) || In(kInvisible, c);
    case TextKind::kWords:
      return IsControl(c) || IsNoncharacter(c) || (In(kInvisible, c) && c != 0xA0 && c != 0xAD && c != 0x202F);
    case TextKind::kText:
      if (c == '\t' || c == '\n' || c == '\r') return false;
      return IsControl(c) || IsNoncharacter(c) || In(kDirections, c) || In(kTextMarks, c);
    case TextKind::kOpaque:
      return true;
  }
  return true;
}

}  // namespace

std::optional<ForbiddenCharacter> FindForbidden(std::string_view text, TextKind kind) {
  for (size_t at = 0; at < text.size();) {
    const Character next = FirstCharacter(text.substr(at));
    if (next.length == 0) return ForbiddenCharacter{at, "not UTF-8"};
    if (Forbidden(next.code, kind)) {
      return ForbiddenCharacter{at, absl::StrFormat("U+%04X", static_cast<uint32_t>(next.code))};
    }
    at += next.length;
  }
  return std::nullopt;
}

bool HasOuterBlank(std::string_view text) {
  if (text.empty()) return false;
  size_t last = text.size() - 1;
  while (last > 0 && (static_cast<unsigned char>(text[last]) & 0xC0) == 0x80) --last;
  return IsBlank(FirstCharacter(text).code) || IsBlank(FirstCharacter(text.substr(last)).code);
}

std::string Escaped(std::string_view text, size_t max) {
  const std::string clean = CleanUtf8(text, max);
  std::string line;
  line.reserve(clean.size());
  for (std::string_view rest = clean; !rest.empty();) {
    const Character next = FirstCharacter(rest);
    const auto code = static_cast<uint32_t>(next.code);
    if (!Forbidden(next.code, TextKind::kLine)) {
      line.append(rest.substr(0, next.length));
    } else if (code < 0x10000) {
      absl::StrAppendFormat(&line, "\\u%04x", code);
    } else {  // as surrogates, as in JSON
      absl::StrAppendFormat(&line, "\\u%04x\\u%04x", 0xD7C0 + (code >> 10), 0xDC00 + (code & 0x3FF));
    }
    rest.remove_prefix(next.length);
  }
  return line;
}

}  // namespace throughline::server

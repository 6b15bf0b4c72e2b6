#include "libs/server/checks/utf8.h"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace throughline::server {
namespace {

// A mark is two noncharacters: U+FDD0 plus the upper half of the byte, and U+FDE0 plus the lower half.
constexpr std::string_view kMarks = "\xef\xb7";
constexpr char kUpper = '\x90', kLower = '\xa0';

// The half byte that `text` begins with, if any.
std::optional<uint8_t> Half(std::string_view text, char base) {
  if (text.size() < 3 || text.substr(0, 2) != kMarks) return std::nullopt;
  const int half = static_cast<uint8_t>(text[2]) - static_cast<uint8_t>(base);
  return half >= 0 && half < 16 ? std::optional(static_cast<uint8_t>(half)) : std::nullopt;
}

// The length of the valid sequence at the front of `text`, which is not empty; 0: none.
size_t SequenceLength(std::string_view text) {
  const auto byte = [&text](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                        : lead >= 0xE0 && lead <= 0xEF ? 3
                        : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                       : 0;
  if (length == 0 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const uint8_t second = byte(1);
  if (lead == 0xE0 && second < 0xA0) return 0;  // overlong
  if (lead == 0xED && second > 0x9F) return 0;  // surrogates
  if (lead == 0xF0 && second < 0x90) return 0;  // overlong
  if (lead == 0xF4 && second > 0x8F) return 0;  // above U+10FFFF
  return length;
}

}  // namespace

Character FirstCharacter(std::string_view text) {
  const size_t length = text.empty() ? 0 : SequenceLength(text);
  if (length == 0) return {};
  const auto lead = static_cast<uint8_t>(text[0]);
  char32_t code = length == 1 ? lead : lead & (0xFF >> (length + 1));
  for (size_t i = 1; i < length; ++i) code = code << 6 | (static_cast<uint8_t>(text[i]) & 0x3F);
  return {code, length};
}

size_t FirstInvalidUtf8(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const size_t length = SequenceLength(text.substr(at));
    if (length == 0) return at;
    at += length;
  }
  return at;
}

std::string CleanUtf8(std::string_view text, size_t max) {
  std::string clean;
  while (!text.empty()) {
    const size_t length = SequenceLength(text);
    const size_t taken = length == 0 ? 1 : length;
    if (clean.size() + taken > max) break;
    length == 0 ? clean.push_back('?') : static_cast<void>(clean.append(text.substr(0, length)));
    text.remove_prefix(taken);
  }
  return clean;
}

std::string MarkInvalidUtf8(std::string_view text) {
  std::string marked;
  marked.reserve(text.size());
  while (!text.empty()) {
    // Input that looks like a mark is marked as well, byte by byte.
    const size_t length = Half(text, kUpper) || Half(text, kLower) ? 0 : SequenceLength(text);
    if (length > 0) {
      marked.append(text.substr(0, length));
    } else {
      const auto byte = static_cast<uint8_t>(text[0]);
      marked.append(kMarks).append(1, static_cast<char>(kUpper + (byte >> 4)));
      marked.append(kMarks).append(1, static_cast<char>(kLower + (byte & 15)));
    }
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return marked;
}

std::string WithoutInvalidMarks(std::string_view text) {
  std::string unmarked;
  unmarked.reserve(text.size());
  while (!text.empty()) {
    const std::optional<uint8_t> upper = Half(text, kUpper);
    const std::optional<uint8_t> lower = upper ? Half(text.substr(3), kLower) : std::nullopt;
    unmarked.push_back(lower ? static_cast<char>(*upper << 4 | *lower) : text[0]);
    text.remove_prefix(lower ? 6 : 1);
  }
  return unmarked;
}

}  // namespace throughline::server

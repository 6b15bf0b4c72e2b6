#include "libs/server/utf8.h"

#include <cstdint>

namespace throughline::server {
namespace {

constexpr std::string_view kInvalidMark = "\xef\xb7\x90";  // U+FDD0

// The length of the valid sequence that `text` begins with; 0 if there is none. `text` is not empty.
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
    const size_t valid = FirstInvalidUtf8(text);
    marked.append(text.substr(0, valid));
    if (valid == text.size()) break;
    marked.append(kInvalidMark);
    text.remove_prefix(valid + 1);
  }
  return marked;
}

bool HasInvalidMark(std::string_view text) { return text.find(kInvalidMark) != std::string_view::npos; }

}  // namespace throughline::server

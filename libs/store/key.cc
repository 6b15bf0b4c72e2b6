#include "libs/store/key.h"

namespace throughline::store {
namespace {

constexpr uint64_t kSignBit = uint64_t{1} << 63;

void AppendBigEndian(std::string& key, uint64_t value) {
  char bytes[8];
  for (size_t i = 0; i < sizeof(bytes); ++i) bytes[i] = static_cast<char>(value >> (56 - 8 * i));
  key.append(bytes, sizeof(bytes));
}

bool TakeBigEndian(std::string_view& key, uint64_t& value) {
  if (key.size() < 8) return false;
  value = 0;
  for (int i = 0; i < 8; ++i) value = (value << 8) | static_cast<unsigned char>(key[i]);
  key.remove_prefix(8);
  return true;
}

}  // namespace

void AppendKey(std::string& key, std::string_view part) {
  for (size_t nul; (nul = part.find('\0')) != std::string_view::npos; part.remove_prefix(nul + 1)) {
    key.append(part.substr(0, nul + 1)).push_back('\xff');
  }
  key.append(part).append("\0\x01", 2);
}

void AppendKey(std::string& key, Beginning part) {
  AppendKey(key, part.text);
  key.resize(key.size() - 2);  // without what closes it
}

void AppendKey(std::string& key, int64_t part) { AppendBigEndian(key, static_cast<uint64_t>(part) ^ kSignBit); }

void AppendKey(std::string& key, absl::Time part) { AppendKey(key, absl::ToUnixMicros(part)); }

void AppendKey(std::string& key, Descending part) { AppendKey(key, ~absl::ToUnixMicros(part.time)); }

bool TakeKey(std::string_view& key, std::string& part) {
  part.clear();
  for (size_t i = 0; i + 1 < key.size(); ++i) {
    if (key[i] != '\0') {
      part.push_back(key[i]);
    } else if (key[i + 1] == '\xff') {
      part.push_back('\0');
      ++i;
    } else {
      key.remove_prefix(i + 2);
      return true;
    }
  }
  return false;
}

bool TakeKey(std::string_view& key, int64_t& part) {
  uint64_t bits = 0;
  if (!TakeBigEndian(key, bits)) return false;
  part = static_cast<int64_t>(bits ^ kSignBit);
  return true;
}

bool TakeKey(std::string_view& key, absl::Time& part) {
  int64_t micros = 0;
  if (!TakeKey(key, micros)) return false;
  part = absl::FromUnixMicros(micros);
  return true;
}

bool TakeKey(std::string_view& key, Descending& part) {
  int64_t inverted = 0;
  if (!TakeKey(key, inverted)) return false;
  part.time = absl::FromUnixMicros(~inverted);
  return true;
}

}  // namespace throughline::store

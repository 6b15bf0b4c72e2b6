#include "libs/log/embedded/wal_audit.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rocksdb/env.h"

namespace throughline::log {
namespace {

constexpr size_t kBlockBytes = 32 * 1024;
constexpr size_t kHeaderBytes = 7;
constexpr size_t kTypeAt = 6;
constexpr uint8_t kFull = 1;
constexpr uint8_t kLast = 4;

// Eight tables, to process eight bytes at once ("slicing by 8").
using Tables = std::array<std::array<uint32_t, 256>, 8>;

constexpr Tables MakeTables() {
  constexpr uint32_t kReflectedPolynomial = 0x82f63b78;
  Tables tables{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kReflectedPolynomial : 0);
    tables[0][i] = crc;
  }
  for (uint32_t i = 0; i < 256; ++i) {
    for (size_t t = 1; t < 8; ++t) tables[t][i] = (tables[t - 1][i] >> 8) ^ tables[0][tables[t - 1][i] & 0xff];
  }
  return tables;
}

constexpr Tables kTables = MakeTables();

uint32_t LittleEndian32(const char* p) {
  const auto* b = reinterpret_cast<const unsigned char*>(p);
  return b[0] | static_cast<uint32_t>(b[1]) << 8 | static_cast<uint32_t>(b[2]) << 16 |
         static_cast<uint32_t>(b[3]) << 24;
}

// RocksDB masks checksums that it stores (leveldb/util/crc32c.h).
constexpr uint32_t Unmask(uint32_t masked) {
  const uint32_t rotated = masked - 0xa282ead8u;
  return (rotated >> 17) | (rotated << 15);
}

uint32_t Byte(std::string_view bytes, size_t i) { return static_cast<uint8_t>(bytes[i]); }

// Whether the checksum in the header at the front of `rest` matches a payload of `length` bytes.
bool ChecksumFits(std::string_view rest, size_t length) {
  const uint32_t stored = Byte(rest, 0) | Byte(rest, 1) << 8 | Byte(rest, 2) << 16 | Byte(rest, 3) << 24;
  uint32_t crc = ExtendCrc32c(0, rest.substr(kTypeAt, 1));
  return ExtendCrc32c(crc, rest.substr(kHeaderBytes, length)) == Unmask(stored);
}

size_t Length(std::string_view rest) { return Byte(rest, 4) | Byte(rest, 5) << 8; }

// The size of the valid record at the front; nothing if there is none.
std::optional<size_t> ValidRecord(std::string_view rest) {
  if (rest.size() < kHeaderBytes) return std::nullopt;
  const uint32_t type = Byte(rest, kTypeAt);
  const size_t length = Length(rest);
  if (type < kFull || type > kLast || kHeaderBytes + length > rest.size() || !ChecksumFits(rest, length)) {
    return std::nullopt;
  }
  return kHeaderBytes + length;
}

bool AllZero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == 0; });
}

// Whether `rest`, the end of the file in its last block, is the beginning of one incomplete write.
bool IsTorn(std::string_view rest) {
  if (rest.size() < kHeaderBytes) return true;
  const uint32_t type = Byte(rest, kTypeAt);
  if (type < kFull || type > kLast) return false;
  if (kHeaderBytes + Length(rest) <= rest.size()) return false;
  // The payload is complete, so the length is wrong.
  if (ChecksumFits(rest, rest.size() - kHeaderBytes)) return false;
  // A record follows, so this was not the last write.
  for (size_t i = 1; i + kHeaderBytes <= rest.size(); ++i) {
    if (ValidRecord(rest.substr(i)).has_value()) return false;
  }
  return true;
}

}  // namespace

uint32_t ExtendCrc32c(uint32_t crc, std::string_view bytes) {
  crc = ~crc;
  const char* p = bytes.data();
  const char* const end = p + bytes.size();
  for (; end - p >= 8; p += 8) {
    const uint32_t low = crc ^ LittleEndian32(p);
    const uint32_t high = LittleEndian32(p + 4);
    crc = kTables[7][low & 0xff] ^ kTables[6][(low >> 8) & 0xff] ^ kTables[5][(low >> 16) & 0xff] ^
          kTables[4][low >> 24] ^ kTables[3][high & 0xff] ^ kTables[2][(high >> 8) & 0xff] ^
          kTables[1][(high >> 16) & 0xff] ^ kTables[0][high >> 24];
  }
  for (; p != end; ++p) crc = (crc >> 8) ^ kTables[0][(crc ^ static_cast<uint8_t>(*p)) & 0xff];
  return ~crc;
}

absl::Status AuditWalBytes(std::string_view bytes) {
  size_t at = 0;
  while (at < bytes.size()) {
    const size_t left_in_block = kBlockBytes - at % kBlockBytes;
    const std::string_view block = bytes.substr(at, left_in_block);
    if (left_in_block < kHeaderBytes) {
      if (!AllZero(block)) return absl::DataLossError(absl::StrCat("damaged at byte ", at));
      at += block.size();
      continue;
    }
    if (const std::optional<size_t> taken = ValidRecord(block)) {
      at += *taken;
      continue;
    }
    const bool in_last_block = at + block.size() == bytes.size();
    const bool torn = in_last_block && IsTorn(block);
    // Some file systems extend a file before they write its bytes.
    if (torn || AllZero(bytes.substr(at))) return absl::OkStatus();
    return absl::DataLossError(absl::StrCat("damaged at byte ", at));
  }
  return absl::OkStatus();
}

absl::Status AuditWals(rocksdb::Env& env, const std::string& directory) {
  std::vector<std::string> names;
  if (rocksdb::Status s = env.GetChildren(directory, &names); !s.ok()) {
    if (s.IsNotFound()) return absl::OkStatus();
    return absl::InternalError(absl::StrCat("cannot list ", directory, ": ", s.ToString()));
  }
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    if (!absl::EndsWith(name, ".log") && !absl::StartsWith(name, "MANIFEST-")) continue;
    const std::string path = directory + "/" + name;
    std::string bytes;
    if (rocksdb::Status s = rocksdb::ReadFileToString(&env, path, &bytes); !s.ok()) {
      return absl::DataLossError(absl::StrCat("cannot read ", path, ": ", s.ToString()));
    }
    if (absl::Status s = AuditWalBytes(bytes); !s.ok()) {
      return absl::DataLossError(absl::StrCat(path, " is ", std::string(s.message()), " of ", bytes.size()));
    }
  }
  return absl::OkStatus();
}

}  // namespace throughline::log

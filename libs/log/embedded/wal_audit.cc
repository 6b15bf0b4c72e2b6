#include "libs/log/embedded/wal_audit.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rocksdb/env.h"

#include "libs/log/embedded/crc32c.h"

namespace throughline::log {
namespace {

constexpr size_t kBlockBytes = 32 * 1024;
constexpr size_t kHeaderBytes = 7;
constexpr size_t kTypeAt = 6;
constexpr uint8_t kFull = 1;
constexpr uint8_t kLast = 4;

// RocksDB masks checksums that it stores (leveldb/util/crc32c.h).
constexpr uint32_t Unmask(uint32_t masked) {
  const uint32_t rotated = masked - 0xa282ead8u;
  return (rotated >> 17) | (rotated << 15);
}

uint32_t Byte(std::string_view bytes, size_t i) { return static_cast<uint8_t>(bytes[i]); }

// Whether the header at the front of `rest` fits a payload of `length` bytes behind it.
bool ChecksumFits(std::string_view rest, size_t length) {
  const uint32_t stored = Byte(rest, 0) | Byte(rest, 1) << 8 | Byte(rest, 2) << 16 | Byte(rest, 3) << 24;
  uint32_t crc = ExtendCrc32c(0, rest.substr(kTypeAt, 1));
  return ExtendCrc32c(crc, rest.substr(kHeaderBytes, length)) == Unmask(stored);
}

size_t Length(std::string_view rest) { return Byte(rest, 4) | Byte(rest, 5) << 8; }

// The bytes that the valid record at the front takes, or nothing if there is none.
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

// Whether `rest`, the end of the file within its last block, is what remains of one write that was cut off.
bool IsTorn(std::string_view rest) {
  if (rest.size() < kHeaderBytes) return true;
  const uint32_t type = Byte(rest, kTypeAt);
  if (type < kFull || type > kLast) return false;
  if (kHeaderBytes + Length(rest) <= rest.size()) return false;
  // All of the payload is there, so it is the length that lies.
  if (ChecksumFits(rest, rest.size() - kHeaderBytes)) return false;
  // Another record behind it: not the last one, so it was whole once.
  for (size_t i = 1; i + kHeaderBytes <= rest.size(); ++i) {
    if (ValidRecord(rest.substr(i)).has_value()) return false;
  }
  return true;
}

}  // namespace

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
    // Some file systems extend the file before the bytes arrive.
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

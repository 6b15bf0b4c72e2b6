#pragma once

// The keys and values of the embedded log in RocksDB. README.md tells the format in prose; this is the only code that
// knows it. Pure functions; any thread.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "libs/log/event_log.h"

namespace throughline::log::format {

// Changes whenever older bytes could no longer be read.
inline constexpr int kLayout = 1;

// topic (1) | partition (2, big-endian) | offset (8, big-endian): sorts as the log is read.
inline constexpr size_t kPartitionBytes = 3;  // the first of a key: topic and partition
inline constexpr size_t kKeyBytes = 11;
using Key = std::array<char, kKeyBytes>;

Key RecordKey(const Position& position);

// The position in a record's key; nothing if it is not one.
std::optional<Position> ParseRecordKey(std::string_view bytes);

// What stands before a record's value: the length of its key as a varint, and the key. The value follows.
void AppendKeyLength(size_t key_bytes, std::string& out);

struct RecordBody {
  std::string_view key;
  std::string_view value;
};
// Views into `bytes`; nothing if they are not a record.
std::optional<RecordBody> ParseRecordBody(std::string_view bytes);

// Everything that is not a record has a key that begins so, behind all records.
inline constexpr char kMetaPrefix = '\xff';

// The one row that says what this log is.
std::string MetaKey();

struct Meta {
  int layout = kLayout;
  Identity identity;
};
std::string EncodeMeta(const Meta& meta);
// DATA_LOSS if it is not one; FAILED_PRECONDITION if its layout is another one.
absl::StatusOr<Meta> ParseMeta(std::string_view bytes);

// Up to where a group has reacted to a partition.
std::string AssignmentKey(std::string_view group, Partition partition);
std::string EncodeOffset(int64_t offset);
std::optional<int64_t> ParseOffset(std::string_view bytes);

}  // namespace throughline::log::format

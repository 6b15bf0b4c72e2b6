#pragma once

// The keys and values of the embedded log in RocksDB, as README.md specifies them. Pure functions; any thread.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "libs/log/event_log.h"

namespace throughline::log::format {

// Incremented when older logs can no longer be read.
inline constexpr int kLayout = 1;

// topic (1) | partition (2, big-endian) | offset (8, big-endian): sorts in the order of reading.
inline constexpr size_t kPartitionBytes = 3;  // the prefix of a key: topic and partition
inline constexpr size_t kKeyBytes = 11;
using Key = std::array<char, kKeyBytes>;

Key RecordKey(const Position& position);

// Nothing: not a record's key.
std::optional<Position> ParseRecordKey(std::string_view bytes);

// A row's value: the length of the record's key as a varint, the key, the record's value. Appends the length.
void AppendKeyLength(size_t key_bytes, std::string& out);

struct RecordBody {
  std::string_view key;
  std::string_view value;
};
// Views into `bytes`. Nothing: not a record.
std::optional<RecordBody> ParseRecordBody(std::string_view bytes);

// The first byte of all other keys, after all records.
inline constexpr char kMetaPrefix = '\xff';

// The key of the row with the log's description.
std::string MetaKey();

struct Meta {
  int layout = kLayout;
  Identity identity;
};
std::string EncodeMeta(const Meta& meta);
// DATA_LOSS: not a description. FAILED_PRECONDITION: another layout.
absl::StatusOr<Meta> ParseMeta(std::string_view bytes);

// The checkpoint of a group in a partition.
std::string AssignmentKey(std::string_view group, Partition partition);
std::string EncodeOffset(int64_t offset);
std::optional<int64_t> ParseOffset(std::string_view bytes);

}  // namespace throughline::log::format

#pragma once

// Distinguishes a torn tail of RocksDB's write-ahead log from damage, before RocksDB reads it.
//
// A crash leaves the last write incomplete. It was never acknowledged, and RocksDB drops it. Damage elsewhere must be
// reported, but RocksDB cannot always distinguish it: a flipped bit in a record's length looks like a torn tail, and
// one in its type like the end of a recycled file. RocksDB would silently drop acknowledged records.
//
// The format (RocksDB's wiki, "Write Ahead Log File Format"): blocks of 32 KiB, each a sequence of
//   masked CRC-32C of type and payload (4) | payload length (2) | type (1: full, 2: first, 3: middle, 4: last) |
//   payload
// little-endian, and zeros where less than a header is left in the block.

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace rocksdb {
class Env;
}

namespace throughline::log {

// CRC-32C (Castagnoli) of the bytes that `crc` covers, followed by `bytes`. Start with 0.
uint32_t ExtendCrc32c(uint32_t crc, std::string_view bytes);

// DATA_LOSS, with the offset: the bytes of a write-ahead log are damaged other than by a torn tail.
absl::Status AuditWalBytes(std::string_view bytes);

// The same for all write-ahead logs in the directory, and for the manifests, which have the same format.
absl::Status AuditWals(rocksdb::Env& env, const std::string& directory);

}  // namespace throughline::log

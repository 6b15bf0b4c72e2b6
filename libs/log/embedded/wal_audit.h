#pragma once

// Tells a torn tail of RocksDB's write-ahead log from damage in it, before RocksDB reads it.
//
// A crash leaves the last write incomplete; it was never acknowledged, and RocksDB drops it. Damage elsewhere must not
// be dropped, and RocksDB alone cannot always tell: a flipped bit in the length of a record reads like a torn tail, and
// one in its type like the end of a recycled file. Both would take acknowledged records with them in silence.
//
// The format (RocksDB's wiki, "Write Ahead Log File Format"): blocks of 32 KiB, each a sequence of
//   masked CRC-32C of type and payload (4) | payload length (2) | type (1: full, 2: first, 3: middle, 4: last) |
//   payload
// little-endian, and zeros where less than a header is left in the block.

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace rocksdb {
class Env;
}

namespace throughline::log {

// DATA_LOSS if the bytes of one write-ahead log are not whole up to a torn tail; names the offset.
absl::Status AuditWalBytes(std::string_view bytes);

// The same for every write-ahead log in the directory, and every manifest, which has the same format; names the file.
absl::Status AuditWals(rocksdb::Env& env, const std::string& directory);

}  // namespace throughline::log

#pragma once

// CRC-32C (Castagnoli), the checksum of RocksDB's write-ahead log.

#include <cstdint>
#include <string_view>

namespace throughline::log {

// The checksum of what `crc` covers followed by `bytes`. Begin with 0.
uint32_t ExtendCrc32c(uint32_t crc, std::string_view bytes);

}  // namespace throughline::log

#pragma once

// Which partition a key belongs to: exactly as Kafka's own default partitioner says, so that a producer that is not
// ours agrees.

#include <cstdint>
#include <string_view>

namespace throughline::log {

// Kafka's variant of murmur2 (org.apache.kafka.common.utils.Utils.murmur2) over the bytes.
int32_t Murmur2(std::string_view bytes);

// In [0, partitions). `partitions` must be positive.
int32_t PartitionFor(std::string_view key, int32_t partitions);

}  // namespace throughline::log

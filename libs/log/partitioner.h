#pragma once

// The partition of a key, computed as Kafka's default partitioner computes it, so that other producers agree.

#include <cstdint>
#include <string_view>

namespace throughline::log {

// Kafka's variant of murmur2 (org.apache.kafka.common.utils.Utils.murmur2) over the bytes.
int32_t Murmur2(std::string_view bytes);

// In [0, partitions). `partitions` must be positive.
int32_t PartitionFor(std::string_view key, int32_t partitions);

}  // namespace throughline::log

#pragma once

// gzip (RFC 1952), with a limit on what comes out. Pure; safe from any thread.

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace throughline::edge::connect {

std::string Compress(std::string_view bytes);

// RESOURCE_EXHAUSTED: more than `most` bytes would come out; no more than that is held. INVALID_ARGUMENT: it is not
// gzip, is cut off, or something follows.
absl::StatusOr<std::string> Decompress(std::string_view bytes, size_t most);

}  // namespace throughline::edge::connect

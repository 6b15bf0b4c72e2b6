#pragma once

// SHA-256. Any thread.

#include <string>
#include <string_view>

namespace throughline::runtime {

// 32 bytes.
std::string Sha256(std::string_view bytes);

}  // namespace throughline::runtime

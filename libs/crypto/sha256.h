#pragma once

// SHA-256, by OpenSSL. Any thread.

#include <string>
#include <string_view>

namespace throughline::crypto {

// 32 bytes.
std::string Sha256(std::string_view bytes);

}  // namespace throughline::crypto

#pragma once

// HMAC-SHA-256 (RFC 2104), by OpenSSL, and the comparison that it needs. Any thread.

#include <string>
#include <string_view>

namespace throughline::crypto {

// 32 bytes.
std::string HmacSha256(std::string_view key, std::string_view bytes);

// Takes as long for any two strings of the same length, so that how long it takes tells nothing about a secret.
bool SameSecret(std::string_view a, std::string_view b);

}  // namespace throughline::crypto

#pragma once

// RSA signatures with SHA-256 (RSASSA-PKCS1-v1_5, RFC 8017; "RS256"), by OpenSSL. Any thread.

#include <string_view>

namespace throughline::crypto {

// An RSA key's public numbers, big endian. Borrowed.
struct RsaPublicKey {
  std::string_view modulus, exponent;
};

// Whether the owner of the key has signed these bytes. A key of fewer than 2,048 bits, or one that is none, has signed
// nothing.
bool HasRsaSignature(const RsaPublicKey& key, std::string_view bytes, std::string_view signature);

}  // namespace throughline::crypto

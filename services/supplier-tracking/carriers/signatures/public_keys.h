#pragma once

// The public keys of a source that signs with private ones: a JWK set (RFC 7517), as its address serves it.
//
// Pure functions; any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace throughline::supplier {

// One RSA key of a set.
struct PublicKey {
  std::string id;  // `kid`
  std::string modulus, exponent;
};

// The RSA keys of the set; keys of other kinds are left out. None if it is no JWK set, or has no RSA key.
std::optional<std::vector<PublicKey>> ReadKeySet(std::string_view json);

}  // namespace throughline::supplier

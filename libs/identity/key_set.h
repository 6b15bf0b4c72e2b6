#pragma once

// The public keys of a token issuer: a JSON Web Key Set (RFC 7517). Values; any thread.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

struct evp_pkey_st;

namespace throughline::identity {

struct IssuerKey {
  std::string kid;       // empty: the key has no name
  std::string alg;       // RS256 or ES256
  std::string identity;  // SHA-256 of the public key, 32 bytes
  std::shared_ptr<evp_pkey_st> key;
};

struct KeySet {
  std::vector<IssuerKey> keys;
};

// Reads a set, or all sets (`*.json`) of a directory, as an issuer leaves the old one beside the new one during a
// rotation. RSA keys (at least 2048 bits, for RS256) and P-256 keys (for ES256) count; keys for other algorithms or
// for encryption are skipped. NOT_FOUND: there is no file. DATA_LOSS: a file is not a set; two keys have one `kid`; a
// key is damaged, secret or too short; or no key remains.
absl::StatusOr<KeySet> ReadKeySet(const std::string& path);

}  // namespace throughline::identity

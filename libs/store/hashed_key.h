#pragma once

// A key that is hashed once, for maps that look it up before they insert it, and grow without reading all keys again.
// Borrows its bytes.

#include <cstddef>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"

namespace throughline::store {

struct HashedKey {
  explicit HashedKey(absl::string_view bytes) : key(bytes), hash(absl::HashOf(bytes)) {}

  bool operator==(const HashedKey& other) const { return hash == other.hash && key == other.key; }
  template <typename H>
  friend H AbslHashValue(H h, const HashedKey& k) {
    return H::combine(std::move(h), k.hash);
  }

  absl::string_view key;
  size_t hash;
};

}  // namespace throughline::store

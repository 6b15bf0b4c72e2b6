#pragma once

// A key with its hash, computed once: for maps that look a key up before they insert it, and that rehash without
// reading the keys. Borrows its bytes.

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

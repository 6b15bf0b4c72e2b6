#pragma once

// Which rows of some tables have been written: where it excludes a key, there is no such row; where it does not, it is
// wrong for one in a few dozen once there are millions. A Bloom filter of up to 4 MiB, each entry within one cache
// line; memory is taken as entries come. Not synchronized itself.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/hash/hash.h"

namespace throughline::store {

class BloomFilter {
 public:
  BloomFilter() = default;  // of no table
  // `tables`: the first byte of the keys of each. They have no rows yet.
  explicit BloomFilter(std::string tables) : tables_(std::move(tables)) {}

  // Ignores keys of other tables.
  void Add(std::string_view key) {
    if (!Covers(key)) return;
    const uint64_t hash = HashOf(key);
    std::unique_ptr<Page>& page = pages_[PageOf(hash)];
    if (page == nullptr) page = std::make_unique<Page>();
    Line& line = (*page)[LineOf(hash)];
    for (int i = 0; i < kBits; ++i) line[Bit(hash, i) / 64] |= uint64_t{1} << Bit(hash, i) % 64;
  }
  bool Excludes(std::string_view key) const {
    if (!Covers(key)) return false;
    const uint64_t hash = HashOf(key);
    const std::unique_ptr<Page>& page = pages_[PageOf(hash)];
    if (page == nullptr) return true;
    const Line& line = (*page)[LineOf(hash)];
    for (int i = 0; i < kBits; ++i) {
      if ((line[Bit(hash, i) / 64] >> Bit(hash, i) % 64 & 1) == 0) return true;
    }
    return false;
  }

 private:
  using Line = std::array<uint64_t, 8>;
  using Page = std::array<Line, 64>;
  static constexpr int kBits = 4;
  // The hash's bits: 10 for the page, 6 for the line, and from the lowest on 9 for each bit.
  static uint64_t HashOf(std::string_view key) { return absl::HashOf(absl::string_view(key.data(), key.size())); }
  static size_t PageOf(uint64_t hash) { return hash >> 54; }
  static size_t LineOf(uint64_t hash) { return hash >> 48 & 63; }
  static size_t Bit(uint64_t hash, int i) { return hash >> (9 * i) & 511; }

  bool Covers(std::string_view key) const { return !key.empty() && tables_.find(key.front()) != std::string::npos; }

  std::string tables_;
  std::array<std::unique_ptr<Page>, 1024> pages_;
};

}  // namespace throughline::store

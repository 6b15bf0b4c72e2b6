#pragma once

// A Bloom filter over the rows of some tables: an excluded key has no row. With millions of entries, a few percent of
// the absent keys are not excluded. Up to 4 MiB, allocated as entries come; each entry is within one cache line. The
// caller synchronizes.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/hash/hash.h"

namespace throughline::store {

class BloomFilter {
 public:
  BloomFilter() = default;  // excludes nothing
  // `tables`: the first bytes of their keys. The tables must be empty.
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
  // Of the hash, the highest 10 bits choose the page, the next 6 the line, and from the lowest on 9 each choose a bit.
  static uint64_t HashOf(std::string_view key) { return absl::HashOf(absl::string_view(key.data(), key.size())); }
  static size_t PageOf(uint64_t hash) { return hash >> 54; }
  static size_t LineOf(uint64_t hash) { return hash >> 48 & 63; }
  static size_t Bit(uint64_t hash, int i) { return hash >> (9 * i) & 511; }

  bool Covers(std::string_view key) const { return !key.empty() && tables_.find(key.front()) != std::string::npos; }

  std::string tables_;
  std::array<std::unique_ptr<Page>, 1024> pages_;
};

}  // namespace throughline::store

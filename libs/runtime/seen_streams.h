#pragma once

// Which streams have been added: where it says no, none of them is that one; where it says yes, it is wrong for one in
// a few dozen once there are millions. A Bloom filter of up to 4 MiB, each entry within one cache line; memory is taken
// as entries come. One thread.

#include <array>
#include <cstdint>
#include <memory>

#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"

namespace throughline::runtime {

class SeenStreams {
 public:
  void Add(absl::string_view stream) {
    const uint64_t hash = absl::HashOf(stream);
    std::unique_ptr<Page>& page = pages_[PageOf(hash)];
    if (page == nullptr) page = std::make_unique<Page>();
    Line& line = (*page)[LineOf(hash)];
    for (int i = 0; i < kBits; ++i) line[Bit(hash, i) / 64] |= uint64_t{1} << Bit(hash, i) % 64;
  }
  bool MayHave(absl::string_view stream) const {
    const uint64_t hash = absl::HashOf(stream);
    const std::unique_ptr<Page>& page = pages_[PageOf(hash)];
    if (page == nullptr) return false;
    const Line& line = (*page)[LineOf(hash)];
    for (int i = 0; i < kBits; ++i) {
      if ((line[Bit(hash, i) / 64] >> Bit(hash, i) % 64 & 1) == 0) return false;
    }
    return true;
  }

 private:
  using Line = std::array<uint64_t, 8>;
  using Page = std::array<Line, 64>;
  static constexpr int kBits = 4;
  // The hash's bits: 10 for the page, 6 for the line, and from the lowest on 9 for each bit.
  static size_t PageOf(uint64_t hash) { return hash >> 54; }
  static size_t LineOf(uint64_t hash) { return hash >> 48 & 63; }
  static size_t Bit(uint64_t hash, int i) { return hash >> (9 * i) & 511; }

  std::array<std::unique_ptr<Page>, 1024> pages_;
};

}  // namespace throughline::runtime

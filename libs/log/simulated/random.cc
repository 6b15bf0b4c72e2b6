#include "libs/log/simulated/random.h"

namespace throughline::log {

uint64_t Random::Next() {
  uint64_t z = state_ += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

uint64_t Random::Below(uint64_t bound) { return Next() % bound; }

bool Random::Chance(double probability) {
  if (probability <= 0) return false;
  constexpr uint64_t kParts = uint64_t{1} << 32;
  return Below(kParts) < static_cast<uint64_t>(probability * static_cast<double>(kParts));
}

absl::Duration Random::Between(absl::Duration low, absl::Duration high) {
  const int64_t width = absl::ToInt64Microseconds(high - low);
  if (width <= 0) return low;
  return low + absl::Microseconds(static_cast<int64_t>(Below(static_cast<uint64_t>(width) + 1)));
}

}  // namespace throughline::log

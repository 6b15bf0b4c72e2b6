#pragma once

// Random numbers for simulations, which depend only on the seed; those of <random>'s distributions depend on the
// standard library as well. SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
//
// One thread.

#include <cstdint>

#include "absl/time/time.h"

namespace throughline::log {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next();
  // In [0, bound). `bound` must be positive.
  uint64_t Below(uint64_t bound);
  // True with this probability; 0 draws nothing.
  bool Chance(double probability);
  // In [low, high], in microseconds.
  absl::Duration Between(absl::Duration low, absl::Duration high);

 private:
  uint64_t state_;
};

}  // namespace throughline::log

#pragma once

// Growing pauses between the tries of something that must succeed in the end.

#include <algorithm>

#include "absl/time/time.h"

namespace throughline::runtime {

class Backoff {
 public:
  // Before the next try.
  absl::Duration Next() {
    const absl::Duration pause = pause_;
    became_long_ = pause < kLongest && pause * 2 >= kLongest;
    pause_ = std::min(pause * 2, kLongest);
    return pause;
  }
  // True once, when the pauses have grown to their longest: the moment to log what is waited for.
  bool became_long() const { return became_long_; }

 private:
  static constexpr absl::Duration kLongest = absl::Seconds(5);

  absl::Duration pause_ = absl::Milliseconds(20);
  bool became_long_ = false;
};

}  // namespace throughline::runtime

#pragma once

// The growing pauses between tries of what must succeed in the end.

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
  // Whether the pauses have just grown to their longest: the moment to say, once, what it waits for.
  bool became_long() const { return became_long_; }

 private:
  static constexpr absl::Duration kLongest = absl::Seconds(5);

  absl::Duration pause_ = absl::Milliseconds(20);
  bool became_long_ = false;
};

}  // namespace throughline::runtime

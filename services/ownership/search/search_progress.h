#pragma once

// How far the search's index is, for metrics. Any thread.

#include <atomic>
#include <cstdint>

namespace throughline::ownership {

struct SearchProgress {
  std::atomic<int64_t> cases{0};           // that can be found
  std::atomic<int64_t> records_behind{0};  // that are folded and not read yet
};

}  // namespace throughline::ownership

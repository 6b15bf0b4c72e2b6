#pragma once

// Measures the rebuild of all projections from the log, compared with bare RocksDB and the same writes from memory.

#include <cstdint>
#include <string>

namespace throughline::bench {

struct Rebuilt {
  int64_t commits = 0;           // in the log
  int64_t rows = 0;              // written by all stores
  double rebuild_seconds = 0;    // all four services at once, as at a start
  double reference_seconds = 0;  // the same writes to four bare stores at once
};

// `data`: the data directory of a stopped suite. Takes the best of `rounds` for both sides.
Rebuilt MeasureRebuild(const std::string& data, int rounds);

}  // namespace throughline::bench

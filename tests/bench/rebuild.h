#pragma once

// How fast all projections are made anew from the log, beside bare RocksDB taking the same writes from memory.

#include <cstdint>
#include <string>

namespace throughline::bench {

struct Rebuilt {
  int64_t commits = 0;           // in the log
  int64_t rows = 0;              // written, all stores together
  double rebuild_seconds = 0;    // all four services at once, as at a start
  double reference_seconds = 0;  // the same writes to four bare stores at once
};

// `data` is the data directory of a suite that has stopped. Takes the best of `rounds` of each.
Rebuilt MeasureRebuild(const std::string& data, int rounds);

}  // namespace throughline::bench

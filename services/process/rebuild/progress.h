#pragma once

// How far the building of a store beside the one that serves has come: a file in the store that is built, for the
// service's metrics and log, and for people. Any thread, any process.

#include <optional>
#include <string>

#include "absl/time/time.h"

namespace throughline::process {

struct RebuildProgress {
  enum class Phase { kFolding, kComparing };

  Phase phase = Phase::kFolding;
  int64_t records = 0;  // folded, from the beginning of the log
  int64_t of = 0;
  double per_second = 0;
  absl::Duration left = absl::InfiniteDuration();  // at that rate; infinite: not known
  absl::Time at = absl::InfinitePast();            // when this was so

  // Whether it still is: a builder tells it once a second.
  bool Current(absl::Time now) const { return now - at < absl::Seconds(10) && at - now < absl::Seconds(10); }
  // "120000 of 1000000 records (12%), 9981/s, about 1m28s left"
  std::string ToText() const;
};

// Of the store that is built at `next`. Errors are ignored: it is only for whoever looks.
void WriteProgress(const std::string& next, const RebuildProgress& progress);
std::optional<RebuildProgress> ReadProgress(const std::string& next);
void RemoveProgress(const std::string& next);

}  // namespace throughline::process

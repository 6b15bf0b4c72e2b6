#include "libs/client/plan/usual_time.h"

#include <algorithm>

namespace throughline::client {
namespace {

constexpr size_t kRecent = 256;  // with the 99th percentile, two outliers do not move it
constexpr size_t kEnough = 16;   // also how often the quantile is computed anew

}  // namespace

absl::Duration UsualTime::value() const {
  absl::MutexLock lock(&mutex_);
  return usual_;
}

void UsualTime::Record(absl::Duration took) {
  absl::MutexLock lock(&mutex_);
  if (recent_.size() < kRecent) {
    recent_.push_back(took);
  } else {
    recent_[recorded_ % kRecent] = took;
  }
  if (++recorded_ % kEnough != 0) return;
  std::vector<absl::Duration> sorted = recent_;
  const auto rank = static_cast<size_t>(hedging_.quantile * static_cast<double>(sorted.size()));
  const auto at = sorted.begin() + static_cast<ptrdiff_t>(std::min(rank, sorted.size() - 1));
  std::nth_element(sorted.begin(), at, sorted.end());
  usual_ = std::clamp(*at, hedging_.least, hedging_.most);
}

}  // namespace throughline::client

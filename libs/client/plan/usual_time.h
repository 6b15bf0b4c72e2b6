#pragma once

// How long a method's calls usually take: a quantile of its recent answers. Internal to this library.
//
// Any thread.

#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/client/hedging.h"

namespace throughline::client {

class UsualTime {
 public:
  explicit UsualTime(const Hedging& hedging) : hedging_(hedging), usual_(hedging.most) {}

  // From `hedging.least` to `hedging.most`; the latter until enough calls were answered.
  absl::Duration value() const ABSL_LOCKS_EXCLUDED(mutex_);
  // A call took this long; or at least this long, if it was given up.
  void Record(absl::Duration took) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  const Hedging hedging_;
  mutable absl::Mutex mutex_;
  std::vector<absl::Duration> recent_ ABSL_GUARDED_BY(mutex_);  // a ring
  size_t recorded_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Duration usual_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace throughline::client

#pragma once

// The time of day, as far as it can be trusted. A promise that is broken too early stays broken, so when the clock runs
// ahead of the steady one, the time that it skipped does not count before it has passed. A clock that is set right for
// good, after a boot for instance, is told from one that is soon set back by waiting: after two minutes it is believed.
// When the clock is set back, that counts at once: what comes late is not lost. One thread.

#include <optional>

#include "absl/time/time.h"

namespace throughline::runtime {

class TrustedTime {
 public:
  // What both clocks say now. To be called often: jumps that nobody saw come together as one.
  absl::Time At(absl::Time now, absl::Duration steady);

 private:
  // The time of day at which the steady clock began.
  using Origin = absl::Time;
  struct Doubt {
    Origin origin;
    absl::Duration since;  // steady time
  };
  std::optional<Origin> trusted_;
  std::optional<Doubt> doubted_;
};

}  // namespace throughline::runtime

#pragma once

// Waits for what another process, or a thread without a signal of its own, brings about.
//
//   EXPECT_TRUE(Eventually([&] { return Balance() == 3; }));
//
// Where the code under test can notify, wait for that instead (absl::Notification, absl::Mutex::Await).

#include <functional>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace throughline {

// Whether `holds` became true within `patience`. It is asked at least once, and every five milliseconds.
inline bool Eventually(const std::function<bool()>& holds, absl::Duration patience = absl::Seconds(20)) {
  const absl::Time deadline = absl::Now() + patience;
  while (!holds()) {
    if (absl::Now() > deadline) return false;
    absl::SleepFor(absl::Milliseconds(5));
  }
  return true;
}

}  // namespace throughline

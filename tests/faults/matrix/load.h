#pragma once

// Clients that send commands, one after the other, each to a replica that is believed to be up. A command without an
// answer is sent again to another replica, a few times. Outcomes that stay unknown are settled later.
//
//   Load load(ledger, ana, {.seed = seed});
//   ... inject ...
//   load.AwaitSent(10'000);
//   load.Stop();
//
// The constructor starts the load. One thread.

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "tests/faults/matrix/ledger.h"
#include "tests/support/failover.h"

namespace throughline::faults {

class Load {
 public:
  struct Options {
    uint64_t seed = 1;
    int senders = 24;
    absl::Duration patience = absl::Seconds(1);   // for one command, including retries
    absl::Duration pause = absl::ZeroDuration();  // of a sender between two commands
  };

  Load(Ledger& ledger, const testing::Failover& client, Options options);
  ~Load() { Stop(); }
  void Stop();

  // Waits until so many commands were sent or acknowledged in all. False: no progress for a long time.
  bool AwaitSent(int64_t commands) const;
  bool AwaitAcknowledged(int64_t commands) const;

  // The longest time between two acknowledgements since the last call or the start.
  absl::Duration LongestGap();

 private:
  void Send(uint64_t seed);
  void Acknowledged();

  Ledger& ledger_;
  const testing::Failover& client_;
  const Options options_;
  std::atomic<bool> stop_{false};
  absl::Mutex mutex_;
  absl::Time last_ ABSL_GUARDED_BY(mutex_);
  absl::Duration longest_ ABSL_GUARDED_BY(mutex_) = absl::ZeroDuration();
  std::vector<std::thread> threads_;
};

}  // namespace throughline::faults

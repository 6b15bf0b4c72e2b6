#pragma once

// Clients that send commands, each its next one when the last is answered: at a replica that is not known to be away,
// and, without an answer, the same command again at another, a few times. What stays unknown is left to the settling.
//
//   Load load(ledger, ana, {.seed = seed});
//   ... inject ...
//   load.AwaitSent(10'000);
//   load.Stop();
//
// Begins in the constructor. One thread.

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
    absl::Duration patience = absl::Seconds(1);   // for one command, with all its tries
    absl::Duration pause = absl::ZeroDuration();  // of a sender between two commands
  };

  Load(Ledger& ledger, const testing::Failover& client, Options options);
  ~Load() { Stop(); }
  void Stop();

  // Until so many commands were sent or acknowledged in all; false if for a long time nothing moved.
  bool AwaitSent(int64_t commands) const;
  bool AwaitAcknowledged(int64_t commands) const;

  // Between two acknowledgements, since the last call or the start.
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

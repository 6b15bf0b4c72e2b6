#pragma once

// Clients that send commands, one after the other, with the client library, which knows all replicas. A command without
// an answer is sent again, a few times. Outcomes that stay unknown are settled later.
//
//   Load load(ledger, ana, {.seed = seed});
//   ... inject ...
//   load.AwaitSent(10'000);
//   load.Stop();
//
// The constructor starts the load. One thread.

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "tests/faults/matrix/ledger.h"
#include "tests/faults/matrix/row.h"
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

  // The longest times without an acknowledgement since the last call, ForgetGaps or the start: of all senders together,
  // and of the one that was worst off.
  struct Gap {
    absl::Duration of_all, of_one;
  };
  Gap LongestGap();
  // What began before is not counted either.
  void ForgetGaps();
  // Notes that gap as one of the row's, whose aim is given.
  void NoteGap(const std::string& what, absl::Duration aim, Outcome& outcome);
  void NoteHedges(Outcome& outcome) const;

 private:
  void Send(size_t sender, uint64_t seed);
  void Acknowledged(size_t sender);

  Ledger& ledger_;
  const testing::Failover& client_;
  const Options options_;
  std::atomic<bool> stop_{false};
  absl::Mutex mutex_;
  absl::Time last_ ABSL_GUARDED_BY(mutex_);
  std::vector<absl::Time> last_of_ ABSL_GUARDED_BY(mutex_);  // by sender
  Gap longest_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

}  // namespace throughline::faults

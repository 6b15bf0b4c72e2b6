#pragma once

// The next timers, in memory. To look for due timers costs time for those that are due, and none for later or cancelled
// ones; a scan of the store would step over the cancelled ones each time. It holds every timer up to some key. It reads
// the store beyond that key only when all before it are taken and more can be due. The engine's thread.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"

#include "libs/store/key_value.h"

namespace throughline::runtime {

class TimerIndex {
 public:
  static constexpr size_t kWindow = 1024;  // read at once, a few milliseconds; at most twice as many are held

  // `store` must outlive it.
  explicit TimerIndex(const store::KeyValue& store) : store_(store) {}

  // Forgets everything: timers that were taken before are found again.
  void Reset();
  // A timer was scheduled or cancelled, and that is written. True: it is there now.
  bool Changed(const std::string& raw_key);
  // At most `at_most` raw keys of timers due at `now`, earliest first, of streams that are `wanted`. A due timer is
  // looked at once, wanted or not, until it is changed. Fewer than `at_most` does not mean that there are no more: a
  // call ends early when it meets many that are not wanted.
  std::vector<std::string> TakeDue(absl::Time now, size_t at_most,
                                   const std::function<bool(const std::string& stream)>& wanted);
  // How many with names that begin with `name` are due at `now`, of the first kWindow timers. Nothing is taken.
  size_t CountDue(absl::Time now, std::string_view name);

 private:
  // Whether the store may have timers that are due at `now` and are not in memory.
  bool MayHaveMore(absl::Time now) const;
  // Reads on if nothing is in memory and more can be due at `now`.
  void FillFor(absl::Time now);
  void Fill();

  const store::KeyValue& store_;
  absl::btree_set<std::string> window_;  // raw keys of all timers up to `known_` that were not taken
  std::string known_;                    // a raw key; empty: nothing is known yet
  bool complete_ = false;                // all is known, beyond `known_` as well
};

// The raw keys of the timers among what a batch notified of.
std::vector<std::string> TimersAmong(const absl::flat_hash_set<std::string>& notified);

}  // namespace throughline::runtime

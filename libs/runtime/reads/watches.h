#pragma once

// Calls back when rows have changed. A projection calls `batch.Notify("case/7ZQ4…")`; once that batch is written, the
// watches of that string are called, on the executor. The fold only marks the string as changed: several changes before
// the watches are called cause one call. Any thread.

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/runtime/probe.h"
#include "libs/runtime/reads/executor.h"

namespace throughline::runtime {

class Watches {
 public:
  // Called on the executor after writes that notified the string. Calls of all watches are one at a time.
  using Changed = std::function<void()>;
  // Its destructor ends the watch: `changed` is not called again, but a call may be under way. It may outlive Watches.
  using Handle = std::shared_ptr<void>;

  // Both must outlive this and what `executor` has to run of it.
  Watches(Executor& executor, Probe& probe) : table_(std::make_shared<Table>(executor, probe)) {}

  [[nodiscard]] Handle Add(const std::string& what, Changed changed);
  // Runs `first` on the executor, where the watch will be called later.
  void Begin(Executor::Task first) { table_->executor.Run(std::move(first)); }
  // Called by the fold after a write. The cost does not depend on the number of watches.
  void Notify(const absl::flat_hash_set<std::string>& notified);
  // Calls the watches of `what` at that time, too, for answers that change because time passes. Only the earliest time
  // of each string is kept: a watch that is called asks again.
  void NotifyAt(const std::string& what, absl::Time time);
  // Called by the engine now and then.
  void NotifyDue(absl::Time now);

 private:
  struct Watched {
    absl::btree_map<uint64_t, std::shared_ptr<const Changed>> by_id;
    bool due = false;  // in Table::due
  };
  struct Table {
    Table(Executor& executor, Probe& probe) : executor(executor), probe(probe) {}
    // Calls some of those whose string is due, and leaves the rest to a later task.
    static void CallSome(const std::shared_ptr<Table>& table);
    // The next one to be called; null: nothing is due any more.
    std::shared_ptr<const Changed> Next() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);

    Executor& executor;
    Probe& probe;
    absl::Mutex mutex;
    absl::flat_hash_map<std::string, Watched> watched ABSL_GUARDED_BY(mutex);
    uint64_t last_id ABSL_GUARDED_BY(mutex) = 0;
    std::deque<std::string> due ABSL_GUARDED_BY(mutex);  // strings that changed and whose watches were not called yet
    bool calling ABSL_GUARDED_BY(mutex) = false;         // a task is there, or under way
    absl::flat_hash_map<std::string, absl::Time> timed ABSL_GUARDED_BY(mutex);
    absl::btree_set<std::pair<absl::Time, std::string>> by_time ABSL_GUARDED_BY(mutex);  // the same
    // The string whose watches are being called, the last watch called, and the last one to call.
    std::string calling_for ABSL_GUARDED_BY(mutex);
    uint64_t last_called ABSL_GUARDED_BY(mutex) = 0;
    uint64_t last_to_call ABSL_GUARDED_BY(mutex) = 0;
  };
  const std::shared_ptr<Table> table_;
};

}  // namespace throughline::runtime

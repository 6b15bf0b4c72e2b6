#pragma once

// Who wants to know when something can be read anew. A projection calls `batch.Notify("case/7ZQ4…")`; once that batch
// is written, whoever watches that string is called, on the executor. The fold only marks what has changed: a change
// that comes before an earlier one of the same string was told is told with it. Any thread.

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"

#include "libs/runtime/probe.h"
#include "libs/runtime/reads/executor.h"

namespace throughline::runtime {

class Watches {
 public:
  // Called on the executor after writes that notified the string, one after another for all watches.
  using Changed = std::function<void()>;
  // Ends the watch when it goes away; the Watches may be gone by then. After its destructor `changed` is not called
  // again, but a call may be under way.
  using Handle = std::shared_ptr<void>;

  // Both must outlive this and what `executor` has to run of it.
  Watches(Executor& executor, Probe& probe) : table_(std::make_shared<Table>(executor, probe)) {}

  [[nodiscard]] Handle Add(const std::string& what, Changed changed);
  // Runs what a watch begins with, where it will be called later.
  void Begin(Executor::Task first) { table_->executor.Run(std::move(first)); }
  // The fold: what it has just written. Costs the same however many watch.
  void Notify(const absl::flat_hash_set<std::string>& notified);

 private:
  struct Watched {
    absl::btree_map<uint64_t, std::shared_ptr<const Changed>> by_id;
    bool due = false;  // in Table::due
  };
  struct Table {
    Table(Executor& executor, Probe& probe) : executor(executor), probe(probe) {}
    // Calls some of those whose string is due, and leaves the rest to a later task.
    static void Tell(const std::shared_ptr<Table>& table);
    // The next one to be called; null: nothing is due any more.
    std::shared_ptr<const Changed> Next() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);

    Executor& executor;
    Probe& probe;
    absl::Mutex mutex;
    absl::flat_hash_map<std::string, Watched> watched ABSL_GUARDED_BY(mutex);
    uint64_t last_id ABSL_GUARDED_BY(mutex) = 0;
    std::deque<std::string> due ABSL_GUARDED_BY(mutex);  // what has changed and was not told yet
    bool telling ABSL_GUARDED_BY(mutex) = false;         // a task is there, or under way
    // Of what is being told: the string, the last one called, and the last one there is to call.
    std::string telling_of ABSL_GUARDED_BY(mutex);
    uint64_t told ABSL_GUARDED_BY(mutex) = 0;
    uint64_t last_to_tell ABSL_GUARDED_BY(mutex) = 0;
  };
  const std::shared_ptr<Table> table_;
};

}  // namespace throughline::runtime

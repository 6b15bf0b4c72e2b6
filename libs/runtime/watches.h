#pragma once

// Who wants to know when something can be read anew. A projection calls `batch.Notify("case/7ZQ4…")`; once that batch
// is written, whoever watches that string is called. Any thread.

#include <functional>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"

namespace throughline::runtime {

class Watches {
 public:
  // Called on the engine's thread after each write that notified the string; must be quick.
  using Changed = std::function<void()>;
  // Ends the watch when it goes away; the Watches may be gone by then. After its destructor `changed` is not called
  // again, but a call may be under way.
  using Handle = std::shared_ptr<void>;

  [[nodiscard]] Handle Add(const std::string& what, Changed changed);
  void Notify(const absl::flat_hash_set<std::string>& notified);

 private:
  struct Table {
    absl::Mutex mutex;
    absl::flat_hash_map<std::string, absl::flat_hash_map<uint64_t, std::shared_ptr<const Changed>>> watched
        ABSL_GUARDED_BY(mutex);
    uint64_t next ABSL_GUARDED_BY(mutex) = 0;
  };
  std::shared_ptr<Table> table_ = std::make_shared<Table>();
};

}  // namespace throughline::runtime

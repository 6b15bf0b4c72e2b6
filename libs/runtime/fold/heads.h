#pragma once

// The heads of streams: the last accepted commit and the state after it. Those used lately are kept in memory, so that
// a command and the fold of its commit read the row once. The engine's thread, which alone writes these rows.

#include "absl/container/flat_hash_map.h"

#include "libs/runtime/fold/stream_type.h"
#include "libs/store/batch.h"

namespace throughline::runtime {

struct StreamHead {
  uint64_t version = 0;
  std::string digest;            // empty: no commit yet
  MessagePtr state;              // the type's initial one if there is no commit; null for a stream of another service
  std::string traceparent = {};  // of the last accepted commit; empty: it belongs to no trace
};

class Heads {
 public:
  // `store` must outlive it.
  explicit Heads(const store::KeyValue& store) : store_(store) {}

  // Valid until the next call.
  const StreamHead& Load(const StreamType& type, const std::string& stream);
  // Puts the head into the batch, which must then be written, and keeps it in memory.
  void Store(store::Batch& batch, const std::string& stream, StreamHead head);

 private:
  using Kept = absl::flat_hash_map<std::string, StreamHead>;
  static constexpr size_t kKept = 4096;  // at least those used last; at most twice as many
  const StreamHead& Keep(const std::string& stream, StreamHead head);

  const store::KeyValue& store_;
  Kept kept_;
  Kept before_;  // went out of `kept_`; comes back when it is used
};

}  // namespace throughline::runtime

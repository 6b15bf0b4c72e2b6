#pragma once

// Duty on the embedded log: everything, always. Only the positions are worth keeping.

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "libs/log/duty.h"
#include "libs/log/embedded_store.h"
#include "libs/log/embedded_writer.h"

namespace throughline::log {

// The store and the writer must outlive it.
class EmbeddedDuty : public Duty {
 public:
  EmbeddedDuty(EmbeddedStore& store, EmbeddedWriter& writer, std::string group, std::vector<Partition> partitions);

  void Start(Changed changed) override;
  void Commit(const std::vector<Position>& done) override;

 private:
  EmbeddedStore& store_;
  EmbeddedWriter& writer_;
  const std::string group_;
  absl::Mutex mu_;
  std::map<Partition, int64_t> done_ ABSL_GUARDED_BY(mu_);
};

}  // namespace throughline::log

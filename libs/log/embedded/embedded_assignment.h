#pragma once

// PartitionAssignment on the embedded log: everything, always. Only the positions are worth keeping.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

#include "libs/log/embedded/append_thread.h"
#include "libs/log/embedded/log_store.h"
#include "libs/log/partition_assignment.h"

namespace throughline::log {

// The store and the writer must outlive it.
class EmbeddedAssignment : public PartitionAssignment {
 public:
  // DATA_LOSS: a position cannot be read. Who began at the first record then would decide long done reactions anew, on
  // today's state.
  static absl::StatusOr<std::unique_ptr<PartitionAssignment>> Make(LogStore& store, AppendThread& writer,
                                                                   std::string group,
                                                                   const std::vector<Partition>& partitions);

  void Start(Changed changed) override;
  void Checkpoint(const std::vector<Position>& done) override;

 private:
  EmbeddedAssignment(AppendThread& writer, std::string group) : writer_(writer), group_(std::move(group)) {}

  AppendThread& writer_;
  const std::string group_;
  absl::Mutex mu_;
  std::map<Partition, int64_t> done_ ABSL_GUARDED_BY(mu_);
};

}  // namespace throughline::log

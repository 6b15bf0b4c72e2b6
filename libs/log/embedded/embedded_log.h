#pragma once

// The log of one machine, in its own directory:
//
//   auto log = EmbeddedLog::Open({.path = "/var/lib/throughline/log"});
//   (*log)->Append({Topic::kIntake, 3}, "case/7ZQ4", bytes, done);
//
// One thread writes: it takes all queued appends, writes them as one batch, syncs once, publishes the records to the
// readers and answers (group commit). Acknowledged records survive kill -9 and power loss. Damage is detected and
// refused, never skipped.
//
// When a write fails, as on a full disk, the batch is answered UNAVAILABLE and all later appends FAILED_PRECONDITION,
// with what to do. Reading still works. Only a restart ends this state.
//
// Any thread. Callbacks run on the writing thread, `failed` on any. No callback may wait for the log.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "libs/log/event_log.h"
#include "libs/log/partition_assignment.h"

namespace rocksdb {
class FileSystem;
}

namespace throughline::log {

class EmbeddedLog : public EventLog {
 public:
  static constexpr int kMaxOpenFiles = 1000;

  struct Options {
    std::string path = {};    // made if missing; for this log only
    int32_t partitions = 12;  // per topic; fixed when the log is made

    // Limits of unanswered appends. Further ones are refused with RESOURCE_EXHAUSTED.
    size_t max_in_flight_records = 100'000;
    size_t max_in_flight_bytes = size_t{64} << 20;
    size_t max_record_bytes = size_t{1} << 20;  // key and value

    size_t tail_bytes = size_t{16} << 20;  // the newest records, kept in memory for all readers
    size_t block_cache_bytes = size_t{32} << 20;
    size_t write_buffer_bytes = size_t{32} << 20;  // also limits the write-ahead log, and so the time to open

    // Called once when writing has failed, so that the process can stop.
    std::function<void(const absl::Status&)> failed = nullptr;

    // For tests with faults. Null: the default file system.
    std::shared_ptr<rocksdb::FileSystem> file_system = nullptr;
  };

  // Errors name the directory and say what to do. FAILED_PRECONDITION: it is in use, full, not a log, or has another
  // layout or partition count. DATA_LOSS: it is damaged.
  static absl::StatusOr<std::unique_ptr<EmbeddedLog>> Open(Options options);

  // Answers the queued appends with UNAVAILABLE. Subscriptions and assignments must be destroyed before.
  ~EmbeddedLog() override = default;

  // Assigns all partitions of these topics: there is no other replica. The log must outlive the assignment.
  virtual absl::StatusOr<std::unique_ptr<PartitionAssignment>> AssignPartitions(std::string group,
                                                                                const std::vector<Topic>& topics) = 0;

  // Makes a backup: a log at `path`, which must not exist. It holds all records that were acknowledged before the call,
  // synced, and possibly later ones. Returns the least number of records in it. Appends do not wait for it.
  // FAILED_PRECONDITION: `path` cannot be written; the log continues.
  virtual absl::StatusOr<int64_t> Checkpoint(const std::string& path) = 0;
};

}  // namespace throughline::log

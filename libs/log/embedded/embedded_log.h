#pragma once

// The log of one machine, in a directory of its own:
//
//   auto log = EmbeddedLog::Open({.path = "/var/lib/throughline/log"});
//   (*log)->Append({Topic::kIntake, 3}, "case/7ZQ4", bytes, done);
//
// One thread writes: it takes all that waits, writes it as one batch, syncs once, makes it visible to the readers and
// answers. So it is slow for one and fast for many, and never waits on purpose. What it acknowledged survives kill -9
// and power loss; damage is found and refused, never skipped.
//
// When writing fails (a full disk), the batch at hand is answered UNAVAILABLE, everything after it FAILED_PRECONDITION
// with what to do; reading goes on. Only a restart mends it.
//
// Any thread. Callbacks come on the writing thread; `failed` may come on any. No callback may wait for the log.

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
    std::string path = {};    // made if missing; of this log alone
    int32_t partitions = 12;  // per topic; fixed when the log is made

    // What may be appended and not answered; beyond, RESOURCE_EXHAUSTED at once.
    size_t max_in_flight_records = 100'000;
    size_t max_in_flight_bytes = size_t{64} << 20;
    size_t max_record_bytes = size_t{1} << 20;  // key and value

    size_t tail_bytes = size_t{16} << 20;  // of the newest records, kept in memory for all readers
    size_t block_cache_bytes = size_t{32} << 20;
    size_t write_buffer_bytes = size_t{32} << 20;  // also bounds the write-ahead log, and with it the time to open

    // Called once when writing has failed for good, so that the process can stop.
    std::function<void(const absl::Status&)> failed = nullptr;

    // Tests: a file system with faults.
    std::shared_ptr<rocksdb::FileSystem> file_system = nullptr;
  };

  // FAILED_PRECONDITION: the directory is in use, of another layout or partition count, not a log, or full. DATA_LOSS:
  // damaged. Each says which directory and what to do.
  static absl::StatusOr<std::unique_ptr<EmbeddedLog>> Open(Options options);

  // Answers all that waits with UNAVAILABLE. Subscriptions and duties must be gone.
  ~EmbeddedLog() override = default;

  // PartitionAssignment for all partitions of these topics, always: there is no other replica. The log must outlive it.
  virtual absl::StatusOr<std::unique_ptr<PartitionAssignment>> AssignPartitions(std::string group,
                                                                                const std::vector<Topic>& topics) = 0;

  // A backup: a copy at `path`, which must not exist, to be opened as a log. All that was acknowledged before the call
  // is in it and synced, and perhaps some of what came since. How many records it holds at least. FAILED_PRECONDITION:
  // it cannot be written there; says why, and the log goes on. Appends do not wait for it.
  virtual absl::StatusOr<int64_t> Checkpoint(const std::string& path) = 0;
};

}  // namespace throughline::log

#pragma once

// The embedded log's RocksDB: opens it safely, writes batches, reads runs of records. For the choice of RocksDB see
// README.md, for its settings the source.
//
// Any thread; Write from one thread at a time.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "rocksdb/db.h"

#include "libs/log/event_log.h"

namespace throughline::log {

// Numbers the partitions of all topics from 0, in the order of `Partition`.
class Slots {
 public:
  explicit Slots(int32_t partitions) : partitions_(partitions) {}
  size_t size() const { return std::size(kTopics) * static_cast<size_t>(partitions_); }
  bool Has(Partition p) const {
    return static_cast<size_t>(p.topic) < std::size(kTopics) && p.index >= 0 && p.index < partitions_;
  }
  size_t Of(Partition p) const {
    return static_cast<size_t>(p.topic) * static_cast<size_t>(partitions_) + static_cast<size_t>(p.index);
  }
  Partition At(size_t slot) const {
    const auto partitions = static_cast<size_t>(partitions_);
    return {static_cast<Topic>(slot / partitions), static_cast<int32_t>(slot % partitions)};
  }

 private:
  int32_t partitions_;
};

class LogStore {
 public:
  struct Options {
    std::string path;
    int32_t partitions;
    size_t block_cache_bytes;
    size_t write_buffer_bytes;
    std::shared_ptr<rocksdb::FileSystem> file_system;  // null: the default
    std::function<void(const absl::Status&)> failed;   // called once, on any thread; may be empty
  };

  // Errors as those of EmbeddedLog::Open.
  static absl::StatusOr<std::unique_ptr<LogStore>> Open(Options options);
  ~LogStore();

  LogStore(const LogStore&) = delete;
  LogStore& operator=(const LogStore&) = delete;

  const Identity& identity() const { return identity_; }
  const std::string& path() const { return options_.path; }

  // One past the last record of every slot.
  absl::StatusOr<std::vector<int64_t>> RecoverEnds(const Slots& slots);

  using Rows = std::vector<std::pair<std::string, std::string>>;
  // Writes records (with their offsets) and other rows as one batch; with `sync`, it is durable on return. After an
  // error it is unknown what was written, failure() is set, and all later writes fail.
  absl::Status Write(absl::Span<const RecordPtr> records, const Rows& rows, bool sync);

  // Copies the log to `path`, which must not exist, as of a moment during the call, and syncs the copy. On the same
  // disk, tables are hard-linked, otherwise copied. FAILED_PRECONDITION: `path` cannot be written. Any thread, also
  // during Write.
  absl::Status Checkpoint(const std::string& path);

  // NOT_FOUND: there is no such row.
  absl::StatusOr<std::string> Get(const std::string& key);

  // The error of the failed write, if any, with what to do. Permanent.
  absl::Status failure() const;

  // Reads a partition in order, from an offset to an end that must exist.
  class Run {
   public:
    Run(LogStore& store, Position from, int64_t end);
    bool done() const { return next_ == end_; }
    int64_t next() const { return next_; }
    // Only if not done. DATA_LOSS: the record is missing or damaged.
    absl::StatusOr<RecordPtr> Next();

   private:
    const std::string& path_;
    const Partition partition_;
    int64_t next_;
    const int64_t end_;
    const std::string upper_bound_;
    const rocksdb::Slice upper_bound_slice_;
    std::unique_ptr<rocksdb::Iterator> iterator_;
  };

 private:
  explicit LogStore(Options options);
  absl::Status OpenDatabase();
  absl::Status LoadOrWriteMeta();
  absl::Status Explain(const rocksdb::Status& status) const;
  void Fail(const rocksdb::Status& status);

  const Options options_;
  std::unique_ptr<rocksdb::Env> own_env_;
  rocksdb::Env* env_;
  rocksdb::FileLock* lock_ = nullptr;
  Identity identity_;

  mutable absl::Mutex mu_;
  absl::Status failure_ ABSL_GUARDED_BY(mu_);

  std::unique_ptr<rocksdb::DB> db_;  // last: its threads use the rest
};

}  // namespace throughline::log

#pragma once

// A KeyValue in RocksDB. Writes are collected in memory (mem_table.h) and flushed as one sorted file once there are
// `pending_bytes` of them; RocksDB ingests the file atomically. After a kill, the store holds a prefix of its writes,
// and the fold replays the rest from the log. There is no write-ahead log: the log serves as one.
//
// Any thread may read; one thread writes.

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/store/key_value.h"
#include "libs/store/rocks/bloom_filter.h"
#include "libs/store/rocks/pinned_tables.h"

namespace rocksdb {
class Cache;
class DB;
class Snapshot;
class Status;
}  // namespace rocksdb

namespace throughline::store {

class MemTable;

class RocksKeyValue : public KeyValue {
 public:
  static constexpr int kMaxOpenFiles = 512;  // of one store

  struct Options {
    std::string path;
    // The version of the rows' layout. A store with another layout is set aside, and replaced by one that was rebuilt
    // beside it or by an empty one, with a warning: see replacement.h.
    std::string layout;
    // The block cache, shared by the stores of one process; null: an own one of `cache_bytes`.
    std::shared_ptr<rocksdb::Cache> cache;
    size_t cache_bytes = size_t{64} << 20;
    // Memory for collected rows; as much again during a flush.
    size_t pending_bytes = size_t{16} << 20;
    // Rows are flushed after this time at the latest, so that a reader of a quiet service's files sees them.
    absl::Duration pending_age = absl::Seconds(30);
    // Tables (first bytes of their keys) that are also kept in memory as a whole: see pinned_tables.h.
    std::string resident = {};
    // Tables in which most lookups find no row. If they are empty when the store is opened, as in a rebuild, a filter
    // in memory answers such lookups without a search through files (bloom_filter.h).
    std::string negative_lookups = {};
    // Called when there is no store that can be used: none at all, a damaged one (it is set aside) or one of another
    // layout. May put a store, for instance from a backup, at `path`, where there is none then. No other process does
    // that meanwhile. Not OK: Open returns that status. Null: the rows are folded from the log again.
    std::function<absl::Status()> restore = {};
  };

  // FAILED_PRECONDITION: another process uses the directory. A damaged store, or one whose last process stopped because
  // of damage, is moved to AsidePath and replaced. A store of another layout is kept beside it (replacement.h) and
  // replaced.
  static absl::StatusOr<std::unique_ptr<RocksKeyValue>> Open(const Options& options);
  // Read-only, also while another process writes: sees what that process had flushed. NOT_FOUND: there is no store.
  // FAILED_PRECONDITION: it has another layout.
  static absl::StatusOr<std::unique_ptr<RocksKeyValue>> OpenToRead(const Options& options);
  static std::shared_ptr<rocksdb::Cache> NewCache(size_t bytes);
  // Where the last damaged store of `path` is kept, for whoever wants to know what happened to it. Nothing reads it.
  static std::string AsidePath(const std::string& path) { return path + ".damaged"; }

  // Flushes.
  ~RocksKeyValue() override;

  bool Get(std::string_view key, std::string* value) const override;
  void Scan(std::string_view prefix, std::string_view from, const Visit& visit) const override;
  std::unique_ptr<const KeyValue> View() const override;
  void Write(const std::vector<Change>& changes) override;

  // Copies the store to `path`, which must not exist, as of a moment during the call. The copy is a store with the same
  // layout. Flushes first. On the same disk, files are hard-linked, otherwise copied. FAILED_PRECONDITION: `path`
  // cannot be written. Any thread, also during writes.
  absl::Status Checkpoint(const std::string& path);
  // Begins to flush what is collected, so that a reader in another process sees it soon. Any thread.
  void FlushSoon();
  // Reads every file. DATA_LOSS: one is damaged; says which.
  absl::Status VerifyFiles() const;

  const std::string& path() const { return path_; }
  // Size of the filters and indexes of all files, as of the last flush. A lookup needs some of them in each run of
  // files, so that lookups read files again and again if the cache does not hold them. Any thread.
  uint64_t IndexBytes() const { return index_bytes_; }

 private:
  class OneView;

  RocksKeyValue(const Options& options, std::unique_ptr<rocksdb::DB> db, bool writes);
  // From the files, as of `at`; null: as of now.
  bool GetFlushed(std::string_view key, const rocksdb::Snapshot* at, std::string* value) const;
  bool HasRowsOf(const std::string& tables) const;
  void RunFlusher();
  // Hands the pending rows to the flusher; blocks while an earlier flush runs.
  void HandOver() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AwaitFlushed() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Flush(const MemTable& rows) const;
  void MeasureIndexes();
  [[noreturn]] void Stop(const std::string& doing, const rocksdb::Status& why) const;

  const std::string path_;
  const size_t pending_bytes_;
  const absl::Duration pending_age_;
  const std::unique_ptr<rocksdb::DB> db_;
  mutable absl::Mutex mutex_;
  PinnedTables resident_ ABSL_GUARDED_BY(mutex_);
  BloomFilter seen_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<MemTable> pending_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<MemTable> flushing_ ABSL_GUARDED_BY(mutex_);  // null: no flush is running
  uint64_t writes_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time pending_since_ ABSL_GUARDED_BY(mutex_);
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::atomic<uint64_t> index_bytes_ = 0;
  std::thread flusher_;
};

}  // namespace throughline::store

#pragma once

// A KeyValue in RocksDB. What is written is gathered in memory (mem_table.h) and becomes, sorted, a file of the
// database once there are `pending_bytes` of it; the file is taken in whole or not at all. So a process that is killed
// comes back to a prefix of what it wrote, and folds the rest again from the log. There is no write-ahead log: the log
// is one.
//
// Any thread may read; one thread writes.

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
    // Names the layout of the rows. A store of another layout is deleted and begun anew, and the log says so.
    std::string layout;
    // Cache of blocks, shared between the stores of one process when given; otherwise one of `cache_bytes` of its own.
    std::shared_ptr<rocksdb::Cache> cache;
    size_t cache_bytes = size_t{64} << 20;
    // Of memory, for rows that are gathered; as much again while they are written to a file.
    size_t pending_bytes = size_t{16} << 20;
    // Rows are filed after this long in any case, so that who looks at the files of a quiet service sees what it did.
    absl::Duration pending_age = absl::Seconds(30);
    // The first bytes of the keys of tables that are kept in memory as well, all of each: see pinned_tables.h.
    std::string resident = {};
    // The same of tables in which rows are often looked for that are not there: of a store that has none of theirs when
    // it is opened, as when it is rebuilt, a filter in memory says so without a search through files (bloom_filter.h).
    std::string negative_lookups = {};
  };

  // FAILED_PRECONDITION if another process uses the directory. A store that is damaged, or whose last process stopped
  // because of damage, is deleted and begun anew.
  static absl::StatusOr<std::unique_ptr<RocksKeyValue>> Open(const Options& options);
  // Only to look, also while another process writes: it sees what that one has written to files. NOT_FOUND: there is no
  // store; FAILED_PRECONDITION: of another layout.
  static absl::StatusOr<std::unique_ptr<RocksKeyValue>> OpenToRead(const Options& options);
  static std::shared_ptr<rocksdb::Cache> NewCache(size_t bytes);

  // Writes to a file what is still gathered.
  ~RocksKeyValue() override;

  bool Get(std::string_view key, std::string* value) const override;
  void Scan(std::string_view prefix, std::string_view from, const Visit& visit) const override;
  std::unique_ptr<const KeyValue> View() const override;
  void Write(const std::vector<Change>& changes) override;

  // A copy of the store as of some moment during the call, at `path`, which must not exist: to be opened as a store of
  // the same layout. What is gathered is filed first. Files are shared with this store where they are on one disk, and
  // copied otherwise. FAILED_PRECONDITION: it cannot be written there; says why. Any thread, while the writer writes.
  absl::Status Checkpoint(const std::string& path);
  // Reads every file. DATA_LOSS: one is damaged; says which.
  absl::Status VerifyFiles() const;

  const std::string& path() const { return path_; }
  // Bytes of memory that tables and gathered rows use now, besides the cache.
  uint64_t MemoryBytes() const;

 private:
  class OneView;

  RocksKeyValue(const Options& options, std::unique_ptr<rocksdb::DB> db, bool writes);
  // Of what was filed when `at` was taken; null: what is now.
  bool GetFiled(std::string_view key, const rocksdb::Snapshot* at, std::string* value) const;
  bool HasRowsOf(const std::string& tables) const;
  void RunFiler();
  // Blocks while the last rows are still being filed.
  void HandOver() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AwaitFiled() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void File(const MemTable& rows) const;
  [[noreturn]] void Stop(const std::string& doing, const rocksdb::Status& why) const;

  const std::string path_;
  const size_t pending_bytes_;
  const absl::Duration pending_age_;
  const std::unique_ptr<rocksdb::DB> db_;
  mutable absl::Mutex mutex_;
  PinnedTables resident_ ABSL_GUARDED_BY(mutex_);
  BloomFilter seen_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<MemTable> pending_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<MemTable> filing_ ABSL_GUARDED_BY(mutex_);  // null: nothing is being filed
  uint64_t writes_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time pending_since_ ABSL_GUARDED_BY(mutex_);
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread filer_;
};

}  // namespace throughline::store

#pragma once

// A KeyValue in RocksDB. Any thread may read; one thread writes.

#include <memory>

#include "absl/status/statusor.h"

#include "libs/store/key_value.h"

namespace rocksdb {
class Cache;
class DB;
}  // namespace rocksdb

namespace throughline::store {

class RocksKeyValue : public KeyValue {
 public:
  struct Options {
    std::string path;
    // Names the layout of the rows. A store of another layout is deleted and begun anew, and the log says so.
    std::string layout;
    // Cache of blocks, shared between the stores of one process when given; otherwise one of `cache_bytes` of its own.
    std::shared_ptr<rocksdb::Cache> cache;
    size_t cache_bytes = size_t{64} << 20;
    size_t write_buffer_bytes = size_t{32} << 20;
  };

  // FAILED_PRECONDITION if another process uses the directory. A store that is damaged, or whose last process stopped
  // because of damage, is deleted and begun anew.
  static absl::StatusOr<std::unique_ptr<RocksKeyValue>> Open(const Options& options);
  // Only to look, also while another process writes. NOT_FOUND: there is no store; FAILED_PRECONDITION: of another
  // layout.
  static absl::StatusOr<std::unique_ptr<RocksKeyValue>> OpenToRead(const Options& options);
  static std::shared_ptr<rocksdb::Cache> NewCache(size_t bytes);

  ~RocksKeyValue() override;

  bool Get(std::string_view key, std::string* value) const override;
  void Scan(std::string_view prefix, std::string_view from, const Visit& visit) const override;
  void Write(const std::vector<Change>& changes) override;

  const std::string& path() const { return path_; }
  // Bytes of memory that tables and write buffers use now, besides the cache.
  uint64_t MemoryBytes() const;

 private:
  RocksKeyValue(std::string path, std::unique_ptr<rocksdb::DB> db);
  [[noreturn]] void Stop(const std::string& doing, const std::string& why, bool damaged) const;

  const std::string path_;
  std::unique_ptr<rocksdb::DB> db_;
};

}  // namespace throughline::store

#pragma once

// Rows in memory on their way to RocksDB: for each key its versions, newest first; a version is a value or a deletion.
// Once there are megabytes of them, they are flushed to RocksDB as one sorted file. That is much cheaper than RocksDB's
// own memory table, whose skip list is built for many concurrent writers.
//
// Writes are numbered and old versions stay, so that a reader can see the rows as of a write. Rows that were returned
// do not change. The caller synchronizes: one thread at a time, and Range counts as a write, because it sorts new keys.

#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

#include "libs/store/hashed_key.h"
#include "libs/store/key_value.h"

namespace throughline::store {

class MemTable {
 public:
  // Borrows from the MemTable, which must outlive it. `value.data()` is null for a deleted row.
  struct Row {
    absl::string_view key;
    absl::string_view value;
    bool deleted() const { return value.data() == nullptr; }
  };

  static constexpr uint64_t kNewest = std::numeric_limits<uint64_t>::max();

  MemTable() = default;
  // Empty, prepared for as many rows as `before` has and for scans of the same tables.
  MemTable(const MemTable& before);

  // `write`: the number of the write; never decreases.
  void Put(const Change& change, uint64_t write);
  // The row as of write `at`. Nothing: there is no version of it here.
  std::optional<Row> Find(std::string_view key, uint64_t at = kNewest) const;
  // The rows as of write `at` whose keys begin with `prefix` (at least one byte), ascending from `from`. At most
  // `most`; fewer only at the end.
  std::vector<Row> Range(std::string_view prefix, std::string_view from, uint64_t at, size_t most);
  // Ascending.
  std::vector<Row> All() const;

  bool empty() const { return rows_.empty(); }
  size_t size() const { return rows_.size(); }
  // Memory in use.
  size_t bytes() const;

 private:
  // Followed in memory by the bytes of the value.
  struct Version {
    const Version* older;
    uint64_t write;
    uint32_t size;
    bool deleted;
  };
  static const Version* VersionAt(const Version* version, uint64_t at);
  static Row RowOf(absl::string_view key, const Version& version);

  char* Room(size_t bytes);
  absl::string_view Keep(std::string_view bytes);
  const Version* KeepVersion(const Change& change, uint64_t write, const Version* older);
  // Frees `kept`, which must be the newest allocation.
  void Return(absl::string_view kept);

  static constexpr size_t kChunk = size_t{256} << 10;
  std::vector<std::unique_ptr<char[]>> chunks_;
  char* free_ = nullptr;  // in the last chunk of size kChunk
  size_t left_ = 0;
  size_t kept_ = 0;
  absl::flat_hash_map<HashedKey, const Version*> rows_;
  // The sorted keys, for scans, by table (the first byte): most tables are never scanned before they are flushed. Once
  // a table has been scanned, its new keys are sorted at once: otherwise the next scan would sort many of them and
  // block the writer.
  struct Order {
    bool scanned = false;
    std::vector<absl::string_view> unsorted;  // until the first scan
    absl::btree_set<absl::string_view> sorted;
  };
  std::map<char, Order> orders_;
};

}  // namespace throughline::store

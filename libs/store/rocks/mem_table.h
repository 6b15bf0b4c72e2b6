#pragma once

// Rows on their way into RocksDB: for each key its values, or that it was deleted, newest first. What is written lands
// here first, and goes to RocksDB as one sorted file once there are megabytes of it: much cheaper than RocksDB's own
// memory table, whose skip list is built for many writers at once.
//
// Writes are numbered, and older values stay, so that a reader can look at the rows as they were after some write. What
// was given stays as it is. One thread writes, and no other reads meanwhile; Range sorts what is new, so it counts as a
// write too.

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
  // Borrowed from the rows, which must outlive it. `value.data()` is null for a deleted row.
  struct Row {
    absl::string_view key;
    absl::string_view value;
    bool deleted() const { return value.data() == nullptr; }
  };

  static constexpr uint64_t kNewest = std::numeric_limits<uint64_t>::max();

  MemTable() = default;
  // About as many are expected as in `before`, and scans of the same tables.
  MemTable(const MemTable& before);

  // `write`: its number, not below one that was given before.
  void Put(const Change& change, uint64_t write);
  // As it is after the write with the number `at`. None if nothing is known of the key here.
  std::optional<Row> Find(std::string_view key, uint64_t at = kNewest) const;
  // Ascending: those whose key begins with `prefix`, of a byte or more, from `from` on, as they are after `at`; at most
  // `most`, and fewer only if there are no more.
  std::vector<Row> Range(std::string_view prefix, std::string_view from, uint64_t at, size_t most);
  // Ascending.
  std::vector<Row> All() const;

  bool empty() const { return rows_.empty(); }
  size_t size() const { return rows_.size(); }
  // Of memory, all in all.
  size_t bytes() const;

 private:
  // A value; its bytes follow it in memory.
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
  // Of what was kept last.
  void Return(absl::string_view kept);

  static constexpr size_t kChunk = size_t{256} << 10;
  std::vector<std::unique_ptr<char[]>> chunks_;
  char* free_ = nullptr;  // in the last chunk of size kChunk
  size_t left_ = 0;
  size_t kept_ = 0;
  absl::flat_hash_map<HashedKey, const Version*> rows_;
  // Keys in order, for those who scan; per first byte, which is a table's number, as most tables are never scanned
  // before their rows are filed. Of one that was, each key is put in order when it comes: otherwise a reader would sort
  // many at once, and the writer wait for it.
  struct Order {
    bool scanned = false;
    std::vector<absl::string_view> unsorted;  // while it was not
    absl::btree_set<absl::string_view> sorted;
  };
  std::map<char, Order> orders_;
};

}  // namespace throughline::store

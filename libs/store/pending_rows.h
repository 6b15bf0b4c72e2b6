#pragma once

// Rows on their way into RocksDB: for each key the newest value, or that it was deleted. What is written lands here
// first, and goes to RocksDB as one sorted file once there are megabytes of it: much cheaper than RocksDB's own memory
// table, whose skip list is built for many writers at once.
//
// Values that were given stay as they are: a later write of the same key takes new memory. One thread writes, and no
// other reads meanwhile; Range sorts what is new, so it counts as a write too.

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

class PendingRows {
 public:
  // Borrowed from the rows, which must outlive it. `value.data()` is null for a deleted row.
  struct Row {
    absl::string_view key;
    absl::string_view value;
    bool deleted() const { return value.data() == nullptr; }
  };

  // About `rows` are expected.
  explicit PendingRows(size_t rows = 0) { rows_.reserve(rows); }

  void Put(const Change& change);
  // None if nothing is known of the key here.
  std::optional<Row> Find(std::string_view key) const;
  // Ascending: those whose key begins with `prefix`, of a byte or more, from `from` on.
  std::vector<Row> Range(std::string_view prefix, std::string_view from);
  // Ascending.
  std::vector<Row> All() const;

  bool empty() const { return rows_.empty(); }
  size_t size() const { return rows_.size(); }
  // Of memory, all in all.
  size_t bytes() const;

 private:
  absl::string_view Keep(std::string_view bytes);
  // Of what was kept last.
  void Return(absl::string_view kept);

  static constexpr size_t kChunk = size_t{256} << 10;
  std::vector<std::unique_ptr<char[]>> chunks_;
  char* free_ = nullptr;  // in the last chunk of size kChunk
  size_t left_ = 0;
  size_t kept_ = 0;
  absl::flat_hash_map<HashedKey, absl::string_view> rows_;
  // Keys in order, for those who scan; per first byte, which is a table's number, as most tables are never scanned
  // before their rows are filed.
  struct Order {
    std::vector<absl::string_view> unsorted;  // that Range has not seen yet
    absl::btree_set<absl::string_view> sorted;
  };
  std::map<char, Order> orders_;
};

}  // namespace throughline::store

#pragma once

// The changes of one step of the fold, collected to be written as one. Reads through the batch see its own writes, so
// that two commits of one step can change the same row. Rows are cached: each is read from the store once. One thread,
// the only one that writes to the store.

#include <deque>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"

#include "libs/store/hashed_key.h"
#include "libs/store/key_value.h"

namespace throughline::store {

class Batch {
 public:
  // `base` must outlive the batch. `rows`: how many will be read or changed, about.
  explicit Batch(const KeyValue& base, size_t rows = 0) : base_(base) { by_key_.reserve(rows); }

  // Null: there is no such row. Valid until the row is changed.
  const std::string* Find(std::string_view key) const;
  void Put(std::string_view key, std::string value) { Change(key, std::move(value)); }
  void Delete(std::string_view key) { Change(key, std::nullopt); }

  // Wakes the watches of `topic` once this batch is written. A projection and the API that reads it agree on the topic.
  void Notify(std::string topic) { notified_.insert(std::move(topic)); }

  // The changes, for KeyValue::Write. The batch is empty afterwards.
  std::vector<store::Change> TakeChanges();
  absl::flat_hash_set<std::string> TakeNotified() { return std::exchange(notified_, {}); }

 private:
  struct Row {
    store::Change row;
    bool changed;
  };
  void Change(std::string_view key, std::optional<std::string> value);
  // The row, and whether it was added.
  std::pair<Row*, bool> At(std::string_view key) const;

  const KeyValue& base_;
  mutable std::deque<Row> rows_;  // read or changed; their addresses are stable
  mutable absl::flat_hash_map<HashedKey, Row*> by_key_;
  absl::flat_hash_set<std::string> notified_;
};

}  // namespace throughline::store

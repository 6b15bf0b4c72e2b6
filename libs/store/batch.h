#pragma once

// The changes of one fold step, collected before they are written as one. Reads go through it and see its own writes,
// so that two commits of the same step can touch the same row; what was read once is not read again. One thread, which
// alone writes the rows.

#include <deque>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"

#include "libs/store/hashed_key.h"
#include "libs/store/key_value.h"

namespace throughline::store {

class Batch {
 public:
  // `base` must outlive the batch. `rows`: about so many will be read or changed.
  explicit Batch(const KeyValue& base, size_t rows = 0) : base_(base) { by_key_.reserve(rows); }

  // Null if there is no such row; valid until the row is changed.
  const std::string* Find(std::string_view key) const;
  void Put(std::string_view key, std::string value) { Change(key, std::move(value)); }
  void Delete(std::string_view key) { Change(key, std::nullopt); }

  // Says that whoever watches `topic` (a string agreed between a projection and the API that reads it) has something
  // new to read once this batch is written.
  void Notify(std::string topic) { notified_.insert(std::move(topic)); }

  // The changes for KeyValue::Write; afterwards the batch is empty.
  std::vector<store::Change> TakeChanges();
  absl::flat_hash_set<std::string> TakeNotified() { return std::exchange(notified_, {}); }

 private:
  struct Row {
    store::Change row;
    bool changed;
  };
  void Change(std::string_view key, std::optional<std::string> value);
  // The row's place, and whether it is a new one.
  std::pair<Row*, bool> At(std::string_view key) const;

  const KeyValue& base_;
  mutable std::deque<Row> rows_;  // read or changed; they stay where they are
  mutable absl::flat_hash_map<HashedKey, Row*> by_key_;
  absl::flat_hash_set<std::string> notified_;
};

}  // namespace throughline::store

#pragma once

// The changes of one fold step, collected before they are written as one. Reads go through it and see its own writes,
// so that two commits of the same step can touch the same row. One thread.

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"

#include "libs/store/key_value.h"

namespace throughline::store {

class Batch {
 public:
  // `base` must outlive the batch.
  explicit Batch(const KeyValue& base) : base_(base) {}

  bool Get(std::string_view key, std::string* value) const;
  void Put(std::string key, std::string value);
  void Delete(std::string key);

  // Says that whoever watches `topic` (a string agreed between a projection and the API that reads it) has something
  // new to read once this batch is written.
  void Notify(std::string topic) { notified_.insert(std::move(topic)); }

  // The changes for KeyValue::Write; afterwards the batch is empty.
  std::vector<Change> TakeChanges();
  absl::flat_hash_set<std::string> TakeNotified() { return std::exchange(notified_, {}); }

 private:
  const KeyValue& base_;
  absl::flat_hash_map<std::string, std::optional<std::string>> changes_;
  mutable absl::flat_hash_map<std::string, std::optional<std::string>>
      read_;  // what the store said; nobody else writes it
  absl::flat_hash_set<std::string> notified_;
};

}  // namespace throughline::store

#include "libs/store/batch.h"

namespace throughline::store {

std::pair<Batch::Row*, bool> Batch::At(std::string_view key) const {
  HashedKey hashed({key.data(), key.size()});
  if (auto known = by_key_.find(hashed); known != by_key_.end()) return {known->second, false};
  Row& row = rows_.emplace_back(Row{{std::string(key), std::nullopt}, false});
  hashed.key = row.row.key;
  by_key_.emplace(hashed, &row);
  return {&row, true};
}

const std::string* Batch::Find(std::string_view key) const {
  const auto [row, added] = At(key);
  std::optional<std::string>& value = row->row.value;
  if (added && !base_.Get(key, &value.emplace())) value.reset();
  return value ? &*value : nullptr;
}

void Batch::Change(std::string_view key, std::optional<std::string> value) {
  Row& row = *At(key).first;
  row.row.value = std::move(value);
  row.changed = true;
}

std::vector<Change> Batch::TakeChanges() {
  std::vector<store::Change> changes;
  changes.reserve(rows_.size());
  for (Row& row : rows_) {
    if (row.changed) changes.push_back(std::move(row.row));
  }
  by_key_.clear();
  rows_.clear();
  return changes;
}

}  // namespace throughline::store

#include "libs/store/batch.h"

namespace throughline::store {

bool Batch::Get(std::string_view key, std::string* value) const {
  const absl::string_view sought(key.data(), key.size());
  if (auto change = changes_.find(sought); change != changes_.end()) {
    if (change->second) *value = *change->second;
    return change->second.has_value();
  }
  auto [read, first] = read_.try_emplace(sought);
  if (first && base_.Get(key, value)) {
    read->second = *value;
  } else if (read->second) {
    *value = *read->second;
  }
  return read->second.has_value();
}

void Batch::Put(std::string key, std::string value) { changes_.insert_or_assign(std::move(key), std::move(value)); }

void Batch::Delete(std::string key) { changes_.insert_or_assign(std::move(key), std::nullopt); }

std::vector<Change> Batch::TakeChanges() {
  std::vector<Change> changes;
  changes.reserve(changes_.size());
  for (auto& [key, value] : changes_) changes.push_back({key, std::move(value)});
  changes_.clear();
  read_.clear();
  return changes;
}

}  // namespace throughline::store

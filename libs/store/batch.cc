#include "libs/store/batch.h"

#include "absl/algorithm/container.h"

namespace throughline::store {

bool Batch::Get(std::string_view key, std::string* value) const {
  auto change = changes_.find(absl::string_view(key.data(), key.size()));
  if (change == changes_.end()) return base_.Get(key, value);
  if (!change->second) return false;
  *value = *change->second;
  return true;
}

void Batch::Put(std::string key, std::string value) { changes_.insert_or_assign(std::move(key), std::move(value)); }

void Batch::Delete(std::string key) { changes_.insert_or_assign(std::move(key), std::nullopt); }

std::vector<Change> Batch::TakeChanges() {
  std::vector<Change> changes;
  changes.reserve(changes_.size());
  for (auto& [key, value] : changes_) changes.push_back({key, std::move(value)});
  changes_.clear();
  // In the order of the store: neighbours are found near each other.
  absl::c_sort(changes, [](const Change& a, const Change& b) { return a.key < b.key; });
  return changes;
}

}  // namespace throughline::store

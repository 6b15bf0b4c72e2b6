#include "libs/store/batch.h"

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
  while (!changes_.empty()) {
    auto node = changes_.extract(changes_.begin());
    changes.push_back({std::move(node.key()), std::move(node.mapped())});
  }
  return changes;
}

}  // namespace throughline::store

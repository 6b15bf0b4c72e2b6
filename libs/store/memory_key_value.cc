#include "libs/store/memory_key_value.h"

namespace throughline::store {

bool MemoryKeyValue::Get(std::string_view key, std::string* value) const {
  absl::MutexLock lock(&mutex_);
  auto row = rows_.find(key);
  if (row == rows_.end()) return false;
  *value = row->second;
  return true;
}

void MemoryKeyValue::Scan(std::string_view prefix, std::string_view from, const Visit& visit) const {
  absl::MutexLock lock(&mutex_);
  for (auto row = rows_.lower_bound(std::max(prefix, from)); row != rows_.end(); ++row) {
    if (!std::string_view(row->first).starts_with(prefix)) return;
    if (!visit(row->first, row->second)) return;
  }
}

void MemoryKeyValue::Write(const std::vector<Change>& changes) {
  absl::MutexLock lock(&mutex_);
  for (const Change& change : changes) {
    if (change.value) {
      rows_[change.key] = *change.value;
    } else {
      rows_.erase(change.key);
    }
  }
}

std::map<std::string, std::string, std::less<>> MemoryKeyValue::Snapshot() const {
  absl::MutexLock lock(&mutex_);
  return rows_;
}

void MemoryKeyValue::Restore(std::map<std::string, std::string, std::less<>> rows) {
  absl::MutexLock lock(&mutex_);
  rows_ = std::move(rows);
}

}  // namespace throughline::store

#include "libs/store/memory_key_value.h"

#include <algorithm>

namespace throughline::store {
namespace {

bool GetFrom(const std::map<std::string, std::string, std::less<>>& rows, std::string_view key, std::string* value) {
  auto row = rows.find(key);
  if (row == rows.end()) return false;
  *value = row->second;
  return true;
}

void ScanFrom(const std::map<std::string, std::string, std::less<>>& rows, std::string_view prefix,
              std::string_view from, const KeyValue::Visit& visit) {
  for (auto row = rows.lower_bound(std::max(prefix, from)); row != rows.end(); ++row) {
    if (!std::string_view(row->first).starts_with(prefix)) return;
    if (!visit(row->first, row->second)) return;
  }
}

}  // namespace

class MemoryKeyValue::OneView : public KeyValueView {
 public:
  explicit OneView(const MemoryKeyValue& store) : store_(store) {
    absl::MutexLock lock(&store_.mutex_);
    rows_ = store_.rows_;
  }
  ~OneView() override {
    // Lock, so that a writer that holds the last reference knows that all reads are over.
    absl::MutexLock lock(&store_.mutex_);
    rows_.reset();
  }
  bool Get(std::string_view key, std::string* value) const override { return GetFrom(*rows_, key, value); }
  void Scan(std::string_view prefix, std::string_view from, const Visit& visit) const override {
    ScanFrom(*rows_, prefix, from, visit);
  }

 private:
  const MemoryKeyValue& store_;
  std::shared_ptr<const Rows> rows_;
};

bool MemoryKeyValue::Get(std::string_view key, std::string* value) const {
  absl::MutexLock lock(&mutex_);
  return GetFrom(*rows_, key, value);
}

void MemoryKeyValue::Scan(std::string_view prefix, std::string_view from, const Visit& visit) const {
  absl::MutexLock lock(&mutex_);
  ScanFrom(*rows_, prefix, from, visit);
}

std::unique_ptr<const KeyValue> MemoryKeyValue::View() const { return std::make_unique<OneView>(*this); }

void MemoryKeyValue::Write(const std::vector<Change>& changes) {
  absl::MutexLock lock(&mutex_);
  if (rows_.use_count() > 1) rows_ = std::make_shared<Rows>(*rows_);
  for (const Change& change : changes) {
    if (change.value) {
      (*rows_)[change.key] = *change.value;
    } else {
      rows_->erase(change.key);
    }
  }
}

std::map<std::string, std::string, std::less<>> MemoryKeyValue::Snapshot() const {
  absl::MutexLock lock(&mutex_);
  return *rows_;
}

void MemoryKeyValue::Restore(std::map<std::string, std::string, std::less<>> rows) {
  absl::MutexLock lock(&mutex_);
  rows_ = std::make_shared<Rows>(std::move(rows));
}

}  // namespace throughline::store

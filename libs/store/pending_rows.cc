#include "libs/store/pending_rows.h"

#include <algorithm>
#include <cstring>

namespace throughline::store {
namespace {

absl::string_view View(std::string_view view) { return {view.data(), view.size()}; }

}  // namespace

void PendingRows::Put(const Change& change) {
  const absl::string_view key = Keep(change.key);
  auto [row, added] = rows_.try_emplace(HashedKey(key));
  if (added) {
    orders_[key.empty() ? '\0' : key.front()].unsorted.push_back(key);
  } else {
    Return(key);
  }
  row->second = change.value ? Keep(*change.value) : absl::string_view();
}

std::optional<PendingRows::Row> PendingRows::Find(std::string_view key) const {
  auto row = rows_.find(HashedKey(View(key)));
  if (row == rows_.end()) return std::nullopt;
  return Row{row->first.key, row->second};
}

std::vector<PendingRows::Row> PendingRows::Range(std::string_view prefix, std::string_view from) {
  std::vector<Row> range;
  auto order = orders_.find(prefix.front());
  if (order == orders_.end()) return range;
  auto& [unsorted, sorted] = order->second;
  sorted.insert(unsorted.begin(), unsorted.end());
  unsorted.clear();
  for (auto key = sorted.lower_bound(View(std::max(prefix, from))); key != sorted.end(); ++key) {
    if (key->substr(0, prefix.size()) != View(prefix)) break;
    range.push_back({*key, rows_.find(HashedKey(*key))->second});
  }
  return range;
}

std::vector<PendingRows::Row> PendingRows::All() const {
  std::vector<Row> all;
  all.reserve(rows_.size());
  for (const auto& [key, value] : rows_) all.push_back({key.key, value});
  std::sort(all.begin(), all.end(), [](const Row& a, const Row& b) { return a.key < b.key; });
  return all;
}

size_t PendingRows::bytes() const {
  return kept_ + rows_.capacity() * (sizeof(*rows_.begin()) + 1) + rows_.size() * sizeof(absl::string_view);
}

absl::string_view PendingRows::Keep(std::string_view bytes) {
  if (free_ == nullptr || bytes.size() > left_) {
    const size_t size = std::max(kChunk, bytes.size());
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(size));
    kept_ += size;
    free_ = chunks_.back().get();
    left_ = size;
  }
  // Not null even if empty: null says deleted.
  const absl::string_view kept(free_, bytes.size());
  std::memcpy(free_, bytes.data(), bytes.size());
  free_ += bytes.size();
  left_ -= bytes.size();
  return kept;
}

void PendingRows::Return(absl::string_view kept) {
  free_ -= kept.size();
  left_ += kept.size();
}

}  // namespace throughline::store

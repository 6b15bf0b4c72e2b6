#include "libs/store/rocks/mem_table.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace throughline::store {
namespace {

absl::string_view View(std::string_view view) { return {view.data(), view.size()}; }

}  // namespace

MemTable::MemTable(const MemTable& before) {
  rows_.reserve(before.size());
  for (const auto& [table, order] : before.orders_) orders_[table].scanned = order.scanned;
}

void MemTable::Put(const Change& change, uint64_t write) {
  const absl::string_view key = Keep(change.key);
  auto [row, added] = rows_.try_emplace(HashedKey(key), nullptr);
  if (added) {
    Order& order = orders_[key.empty() ? '\0' : key.front()];
    order.scanned ? static_cast<void>(order.sorted.insert(key)) : order.unsorted.push_back(key);
  } else {
    Return(key);
  }
  row->second = KeepVersion(change, write, row->second);
}

const MemTable::Version* MemTable::VersionAt(const Version* version, uint64_t at) {
  while (version != nullptr && version->write > at) version = version->older;
  return version;
}

MemTable::Row MemTable::RowOf(absl::string_view key, const Version& version) {
  if (version.deleted) return {key, absl::string_view()};
  return {key, absl::string_view(reinterpret_cast<const char*>(&version + 1), version.size)};
}

std::optional<MemTable::Row> MemTable::Find(std::string_view key, uint64_t at) const {
  auto row = rows_.find(HashedKey(View(key)));
  if (row == rows_.end()) return std::nullopt;
  const Version* version = VersionAt(row->second, at);
  if (version == nullptr) return std::nullopt;
  return RowOf(row->first.key, *version);
}

std::vector<MemTable::Row> MemTable::Range(std::string_view prefix, std::string_view from, uint64_t at, size_t most) {
  std::vector<Row> range;
  Order& order = orders_[prefix.front()];
  order.scanned = true;
  order.sorted.insert(order.unsorted.begin(), order.unsorted.end());
  std::vector<absl::string_view>().swap(order.unsorted);
  for (auto key = order.sorted.lower_bound(View(std::max(prefix, from)));
       key != order.sorted.end() && range.size() < most; ++key) {
    if (key->substr(0, prefix.size()) != View(prefix)) break;
    if (const Version* version = VersionAt(rows_.find(HashedKey(*key))->second, at)) {
      range.push_back(RowOf(*key, *version));
    }
  }
  return range;
}

std::vector<MemTable::Row> MemTable::All() const {
  std::vector<Row> all;
  all.reserve(rows_.size());
  for (const auto& [key, version] : rows_) all.push_back(RowOf(key.key, *version));
  std::sort(all.begin(), all.end(), [](const Row& a, const Row& b) { return a.key < b.key; });
  return all;
}

size_t MemTable::bytes() const {
  return kept_ + rows_.capacity() * (sizeof(*rows_.begin()) + 1) + rows_.size() * sizeof(absl::string_view);
}

char* MemTable::Room(size_t bytes) {
  if (free_ == nullptr || bytes > left_) {
    const size_t size = std::max(kChunk, bytes);
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(size));
    kept_ += size;
    free_ = chunks_.back().get();
    left_ = size;
  }
  char* const room = free_;
  free_ += bytes;
  left_ -= bytes;
  return room;
}

absl::string_view MemTable::Keep(std::string_view bytes) {
  char* const room = Room(bytes.size());
  std::memcpy(room, bytes.data(), bytes.size());
  return {room, bytes.size()};
}

const MemTable::Version* MemTable::KeepVersion(const Change& change, uint64_t write, const Version* older) {
  const size_t size = change.value ? change.value->size() : 0;
  char* const room = Room(sizeof(Version) + size + alignof(Version) - 1);
  const size_t past = reinterpret_cast<uintptr_t>(room) % alignof(Version);
  auto* const version = new (room + (past == 0 ? 0 : alignof(Version) - past))
      Version{older, write, static_cast<uint32_t>(size), !change.value.has_value()};
  if (size > 0) std::memcpy(version + 1, change.value->data(), size);
  return version;
}

void MemTable::Return(absl::string_view kept) {
  free_ -= kept.size();
  left_ += kept.size();
}

}  // namespace throughline::store

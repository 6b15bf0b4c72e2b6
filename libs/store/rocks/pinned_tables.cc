#include "libs/store/rocks/pinned_tables.h"

#include <algorithm>

namespace throughline::store {

PinnedTables::PinnedTables(std::string tables, const KeyValue& base) : tables_(std::move(tables)) {
  auto rows = std::make_shared<Rows>();
  for (const char table : tables_) {
    base.Scan({&table, 1}, "", [&](std::string_view key, std::string_view value) {
      rows->emplace(key, value);
      return true;
    });
  }
  rows_ = std::move(rows);
}

bool PinnedTables::Get(std::string_view key, std::string* value) const { return GetRow(*rows_, key, value); }

bool GetRow(const PinnedTables::Rows& rows, std::string_view key, std::string* value) {
  const auto row = rows.find(key);
  if (row == rows.end()) return false;
  *value = row->second;
  return true;
}

void PinnedTables::Apply(const std::vector<Change>& changes) {
  std::shared_ptr<Rows> changed;
  for (const Change& change : changes) {
    if (!Has(change.key)) continue;
    if (changed == nullptr) changed = std::make_shared<Rows>(*rows_);
    if (change.value) {
      (*changed)[change.key] = *change.value;
    } else {
      changed->erase(change.key);
    }
  }
  if (changed != nullptr) rows_ = std::move(changed);
}

void ScanRows(const PinnedTables::Rows& rows, std::string_view prefix, std::string_view from,
              const KeyValue::Visit& visit) {
  for (auto row = rows.lower_bound(std::max(prefix, from)); row != rows.end(); ++row) {
    if (!std::string_view(row->first).starts_with(prefix) || !visit(row->first, row->second)) return;
  }
}

}  // namespace throughline::store

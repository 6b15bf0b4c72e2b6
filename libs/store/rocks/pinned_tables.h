#pragma once

// A copy in memory of a few small tables, so that reading them needs no search through files. For tables that nearly
// every request reads and that seldom change: the roster, the active notices.
//
// Each change makes a new copy of all rows, so a reader that holds one needs no lock. The caller synchronizes.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "libs/store/key_value.h"

namespace throughline::store {

class PinnedTables {
 public:
  using Rows = std::map<std::string, std::string, std::less<>>;

  PinnedTables() = default;
  // `tables`: the first bytes of their keys. Copies their rows from `base`.
  PinnedTables(std::string tables, const KeyValue& base);

  // Whether `prefix` lies in a pinned table.
  bool Has(std::string_view prefix) const {
    return !prefix.empty() && tables_.find(prefix.front()) != std::string::npos;
  }
  // As KeyValue::Get, for a key in a pinned table.
  bool Get(std::string_view key, std::string* value) const;
  std::shared_ptr<const Rows> rows() const { return rows_; }
  void Apply(const std::vector<Change>& changes);

 private:
  std::string tables_;
  std::shared_ptr<const Rows> rows_ = std::make_shared<Rows>();
};

// As KeyValue::Get and Scan.
bool GetRow(const PinnedTables::Rows& rows, std::string_view key, std::string* value);
void ScanRows(const PinnedTables::Rows& rows, std::string_view prefix, std::string_view from,
              const KeyValue::Visit& visit);

}  // namespace throughline::store

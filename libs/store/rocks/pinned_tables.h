#pragma once

// The rows of a few small tables, kept in memory beside the database: a look at them costs no search through files. For
// what nearly every request reads and only people change, now and then: the roster, the notices that are active.
//
// Each change makes a new copy of all of them, so a reader that has taken one needs no lock. Not synchronized itself.

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
  // `tables`: the first byte of the keys of each. Takes the rows that `base` has.
  PinnedTables(std::string tables, const KeyValue& base);

  // Whether all rows whose keys begin with `prefix` are here.
  bool Has(std::string_view prefix) const {
    return !prefix.empty() && tables_.find(prefix.front()) != std::string::npos;
  }
  // As KeyValue::Get, of a key that it has.
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

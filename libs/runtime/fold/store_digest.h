#pragma once

// The digest of a store, to compare it with another that folded the same log to the same positions: its rows are a
// function of the log, so both have the same digest. That of a view is of one moment.
//
//   const absl::StatusOr<StoreDigest> a = DigestOf(*serving->View()), b = DigestOf(*rebuilt);
//   if (a->sha256 != b->sha256) std::cout << DifferenceOf(*serving->View(), *rebuilt);
//
// Any thread.

#include <functional>
#include <map>
#include <string>

#include "absl/status/statusor.h"

#include "libs/store/key_value.h"

namespace throughline::runtime {

struct StoreDigest {
  int64_t rows = 0;
  std::string sha256;                 // over `tables`
  std::map<int, std::string> tables;  // table number -> SHA-256 of its rows in ascending order of their keys

  bool operator==(const StoreDigest&) const = default;
  std::string hex() const;
};

// Called with every thousand rows, for a pause or a report. False: stop.
using RowsRead = std::function<bool(int64_t rows)>;

// CANCELLED: `read` returned false.
absl::StatusOr<StoreDigest> DigestOf(const store::KeyValue& store, const RowsRead& read = nullptr);

// Empty, or how many rows differ and the first of them, for people. Reads both stores.
std::string DifferenceOf(const store::KeyValue& a, const store::KeyValue& b);

}  // namespace throughline::runtime

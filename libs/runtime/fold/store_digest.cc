#include "libs/runtime/fold/store_digest.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "libs/crypto/sha256.h"
#include "libs/store/key.h"

namespace throughline::runtime {
namespace {

constexpr int kMostTables = 256;  // the first byte of a key; number 0 is no table
constexpr int64_t kReport = 1000;

void AppendSized(std::string& bytes, std::string_view part) {
  store::AppendKey(bytes, static_cast<int64_t>(part.size()));
  bytes.append(part);
}

// The SHA-256 of a chain of blocks, each hashed together with the hash of those before it.
class Chain {
 public:
  void Add(std::string_view part) {
    AppendSized(block_, part);
    if (block_.size() >= kBlock) Close();
  }
  std::string Finish() {
    Close();
    return std::exchange(hash_, {});
  }

 private:
  static constexpr size_t kBlock = size_t{64} << 10;
  void Close() {
    block_.insert(0, hash_);
    hash_ = crypto::Sha256(block_);
    block_.clear();
  }

  std::string hash_, block_;
};

// Reads a table some rows at a time, so that two can be read side by side.
class Cursor {
 public:
  Cursor(const store::KeyValue& store, int table) : store_(store), table_(1, static_cast<char>(table)) { Fill(""); }
  const store::Change* row() const { return rows_.empty() ? nullptr : &rows_.front(); }
  void Next() {
    const std::string key = rows_.front().key;
    rows_.pop_front();
    if (rows_.empty() && more_) Fill(key + '\0');
  }

 private:
  void Fill(const std::string& from) {
    constexpr size_t kRows = 1000;
    store_.Scan(table_, from, [&](std::string_view key, std::string_view value) {
      rows_.push_back({std::string(key), std::string(value)});
      return rows_.size() < kRows;
    });
    more_ = rows_.size() == kRows;
  }

  const store::KeyValue& store_;
  const std::string table_;
  std::deque<store::Change> rows_;
  bool more_ = false;
};

}  // namespace

std::string StoreDigest::hex() const { return absl::BytesToHexString(sha256); }

absl::StatusOr<StoreDigest> DigestOf(const store::KeyValue& store, const RowsRead& read) {
  StoreDigest digest;
  Chain all;
  for (int table = 1; table < kMostTables; ++table) {
    Chain rows;
    bool empty = true, wanted = true;
    store.Scan(std::string(1, static_cast<char>(table)), "", [&](std::string_view key, std::string_view value) {
      empty = false;
      rows.Add(key);
      rows.Add(value);
      wanted = ++digest.rows % kReport != 0 || read == nullptr || read(kReport);
      return wanted;
    });
    if (!wanted) return absl::CancelledError("the digest of the store was stopped");
    if (empty) continue;
    const std::string& of_table = digest.tables[table] = rows.Finish();
    all.Add(absl::StrCat(table));
    all.Add(of_table);
  }
  digest.sha256 = all.Finish();
  return digest;
}

std::string DifferenceOf(const store::KeyValue& a, const store::KeyValue& b) {
  int64_t differing = 0, rows = 0;
  std::string first;
  const auto differs = [&](const store::Change& row, const char* how) {
    if (differing++ == 0) first = absl::StrCat(absl::CEscape(row.key.substr(0, 80)), how);
  };
  for (int table = 1; table < kMostTables; ++table) {
    Cursor of_a(a, table), of_b(b, table);
    while (of_a.row() != nullptr || of_b.row() != nullptr) {
      ++rows;
      const store::Change *row_a = of_a.row(), *row_b = of_b.row();
      const int order = row_a == nullptr ? 1 : row_b == nullptr ? -1 : row_a->key.compare(row_b->key);
      if (order < 0) differs(*row_a, " (only in the first)");
      if (order > 0) differs(*row_b, " (only in the second)");
      if (order == 0 && row_a->value != row_b->value) differs(*row_a, "");
      if (order <= 0) of_a.Next();
      if (order >= 0) of_b.Next();
    }
  }
  return differing == 0 ? "" : absl::StrCat(differing, " of ", rows, " rows differ, the first: ", first);
}

}  // namespace throughline::runtime

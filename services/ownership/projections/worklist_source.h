#pragma once

// Rows of kWorklist, read a few at a time, so that several lists can be merged by their keys.
//
//   WorklistSource source(reader, "ana", {}, after, 100);
//   while (!source.empty()) Show(source.Take());
//
// The reader must outlive it. One thread.

#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/time.h"

#include "services/ownership/projections/tables.h"

namespace throughline::ownership {

class WorklistSource {
 public:
  struct Range {
    std::optional<int64_t> rank;                     // only of this rank
    absl::Time due_before = absl::InfiniteFuture();  // with a rank: only those due before
  };
  struct Row {
    std::string key;
    std::string bytes;
  };

  // `after`: the key after the person's component (OrderOf) of the row before the page; empty: from the first.
  // `at_once`: how many rows to read first; later more.
  WorklistSource(const store::KeyValue& reader, const std::string& person, const Range& range, std::string_view after,
                 size_t at_once);

  bool empty() const { return rows_.empty(); }
  // The key after the person's component: it gives the order.
  std::string_view order() const { return std::string_view(rows_.front().key).substr(person_size_); }
  // What the key says of the row that comes next.
  WorklistTable::Key key() const;
  Row Take();

  // Of a raw key of kWorklist.
  static std::string OrderOf(std::string_view raw);

 private:
  void Refill();

  const store::KeyValue* reader_;
  Range range_;
  std::string prefix_;
  size_t person_size_;
  std::string last_;
  size_t at_once_;
  bool ended_ = false;
  std::deque<Row> rows_;
};

// The one whose row comes first; null if all are empty.
template <typename Sources, typename Before>
WorklistSource* FirstOf(Sources& sources, const Before& before) {
  WorklistSource* first = nullptr;
  for (WorklistSource& source : sources) {
    if (!source.empty() && (first == nullptr || before(source, *first))) first = &source;
  }
  return first;
}

}  // namespace throughline::ownership

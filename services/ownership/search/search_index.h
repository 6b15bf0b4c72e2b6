#pragma once

// The index of the search: a SQLite database with FTS5, a fold of the service's rows. It is behind them by the commits
// that it has not read yet, and says how far it is: its position is written in the transaction that writes what was
// read. It is disposable: a file that is damaged, of another log or of another layout is deleted and filled anew.
//
//   auto index = SearchIndex::Open(path, streams.TokenOf({}));
//   while (*(*index)->Read(rows, seen) == SearchIndex::kMore) {}
//
// One thread; searches use connections of their own (search_query.h).

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

#include "libs/runtime/fold/seen.h"
#include "libs/store/key_value.h"
#include "services/ownership/search/document.h"
#include "services/ownership/search/sqlite.h"

namespace throughline::ownership {

class SearchIndex {
 public:
  // `path`: of the file, or a SQLite URI. `log`: names the log.
  static absl::StatusOr<std::unique_ptr<SearchIndex>> Open(const std::string& path, const std::string& log);
  // Deletes the file, and those that SQLite keeps beside it.
  static void Delete(const std::string& path);

  enum Progress {
    kDone,    // everything of `rows` is found
    kMore,    // call it again
    kBehind,  // the rows are behind the index, which is of no use then: what it has read may never have happened
  };
  // Reads some of what has changed. `seen`: how far `rows` were folded, exactly.
  absl::StatusOr<Progress> Read(const store::KeyValue& rows, const runtime::Seen& seen);

  // What can be found.
  const runtime::Seen& seen() const { return seen_; }
  int64_t cases() const { return cases_; }

 private:
  explicit SearchIndex(std::unique_ptr<Sqlite> db) : db_(std::move(db)) {}
  absl::Status Begin(const std::string& log);
  // The id of the document's row, and whether it is there; `find_` stands on it then.
  absl::StatusOr<std::pair<int64_t, bool>> Place(const Document& document);
  absl::Status Write(const Document& document);
  absl::Status Remember(const runtime::Seen& seen);

  const std::unique_ptr<Sqlite> db_;
  SqliteStatement find_, insert_, update_, forget_, index_, position_, count_;
  runtime::Seen seen_;
  int64_t cases_ = 0;
  bool filled_ = false;  // it was at the end of the rows, since it was opened
};

}  // namespace throughline::ownership

#pragma once

// Answers searches from the index. One connection, one thread at a time.
//
// How words are found. Everything that can be asked for is a word of the index: what a case's customer, order, owner
// and status are stands there as a word of its own. So a search is one walk through sorted lists of documents, in the
// order of the time of opening, that skips what is not in all of them, and stops when the page is full. A word that
// stands in very many cases therefore costs no more than its page; only lists that are all long and have little in
// common are walked to their ends. To rank, all that match would have to be looked at: so the newest kRanked of them
// are.

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "services/ownership/search/sqlite.h"
#include "throughline/ownership/v1/search.pb.h"

namespace throughline::ownership {

inline constexpr int kRanked = 1000;
inline constexpr size_t kMostSearchWords = 16;

// The request as FTS5's own query; empty: everything matches. Nothing that a caller writes is syntax, except quotation
// marks around phrases and a star after the beginning of a word. INVALID_ARGUMENT: `words` has no word in it, too many,
// or too short a beginning.
absl::StatusOr<std::string> MatchOf(const v1::SearchCasesRequest& request);

// What the raw keys of page tokens begin with.
inline constexpr char kSearchPrefix[] = "s";

class SearchQuery {
 public:
  static absl::StatusOr<std::unique_ptr<SearchQuery>> Open(const std::string& path);

  // `question`, `after`: see libs/service/pages.h. DEADLINE_EXCEEDED: it took too long. DATA_LOSS: the file is damaged.
  absl::StatusOr<v1::SearchCasesResponse> Answer(const v1::SearchCasesRequest& request, const std::string& question,
                                                 const std::string& after, absl::Time deadline);

 private:
  explicit SearchQuery(std::unique_ptr<Sqlite> db) : db_(std::move(db)) {}

  const std::unique_ptr<Sqlite> db_;
};

}  // namespace throughline::ownership

#pragma once

// A case's history: what was said about it in intake and what was done about it here, as one list. A row keeps the
// event; its text is made when it is read.
//
// A row's key and value follow from its own stream alone, so the rows do not depend on the order in which the topics
// are folded. The projection: the fold's thread. The page: any thread.

#include <string>

#include "libs/runtime/fold/projection.h"
#include "libs/store/table.h"
#include "throughline/ownership/v1/queries.pb.h"
#include "throughline/ownership/v1/rows.pb.h"

namespace throughline::ownership {

// Case, time, number of the topic, version, index of the event: the entries, the oldest first.
using HistoryTable = store::Table<v1::HistoryRow, std::string, absl::Time, int64_t, int64_t, int64_t>;
inline constexpr HistoryTable kHistory{50};
// Case, and the complement of the rest of that key: the same entries, the newest first. Empty values.
using HistoryIndex = store::Table<std::string, std::string, store::Descending, int64_t, int64_t, int64_t>;
inline constexpr HistoryIndex kHistoryBack{51};
// Case, commitment -> as it was made: those that have not ended, for the texts of what happens to them.
inline constexpr store::Table<v1::Commitment, std::string, std::string> kOwed{52};

class CaseHistory : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

// Entries of one page have together about this many bytes at most, or it is a single entry.
inline constexpr size_t kMostHistoryBytes = 1 << 20;

// The entries after the raw key `after` (of kHistory, or of kHistoryBack if the newest come first; empty: from the
// beginning), and the next page's token. Reads a row or two for each entry that it shows.
v1::GetCaseHistoryResponse HistoryPage(const store::KeyValue& reader, const v1::GetCaseHistoryRequest& request,
                                       const std::string& question, const std::string& after);

// What the raw keys of a page begin with.
std::string HistoryPrefix(const v1::GetCaseHistoryRequest& request);

}  // namespace throughline::ownership

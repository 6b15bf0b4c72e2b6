#pragma once

// Which cases the search has to read again: for each case and topic, the last commit on its stream there. The search
// reads the rows from its own position on (search_index.h), so the fold never waits for it.

#include <string>

#include "libs/runtime/fold/projection.h"
#include "libs/store/table.h"

namespace throughline::ownership {

// Topic, partition, offset of the last commit on the case's stream in that topic -> the case.
inline constexpr store::Table<std::string, int64_t, int64_t, int64_t> kSearchChanges{80};
// Case, topic -> that offset.
inline constexpr store::Table<int64_t, std::string, int64_t> kSearchChangedAt{81};
// Watch topic: the rows have changed.
inline constexpr char kSearchTopic[] = "search";

class SearchChanges : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

}  // namespace throughline::ownership

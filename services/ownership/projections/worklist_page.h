#pragma once

// A page of a worklist: the rows of several persons merged in the order of urgency. Nothing is stored for a supervisor
// that follows from who works for whom: that is looked up when the page is read.
//
// Any thread.

#include <string>
#include <vector>

#include "absl/time/time.h"

#include "services/ownership/projections/tables.h"
#include "throughline/ownership/v1/queries.pb.h"

namespace throughline::ownership {

// Whose rows a worklist shows.
struct WorklistPart {
  std::string person;
  bool broken_only = false;  // only the broken promises
};

// The person's own rows. Of a supervisor, and of the last resort, also the broken promises of those who stand under
// them now; with `team`, all rows of those, and of everybody in a supervisor's team. `last_resort`: see Above.
std::vector<WorklistPart> PartsOf(const store::KeyValue& reader, const std::string& person, bool team, absl::Time now,
                                  const std::string& last_resort);

// Fills items, and the next page's token, from the row after the raw key `after` (empty: the first).
v1::ListWorklistResponse WorklistPage(const store::KeyValue& reader, const std::vector<WorklistPart>& parts,
                                      int page_size, const std::string& question, const std::string& after,
                                      absl::Time now, const std::string& last_resort);

// How much a person has to do now; each number counts up to kMostCounted.
struct Load {
  static constexpr uint32_t kMostCounted = 10'000;
  uint32_t open_cases = 0;
  uint32_t overdue_items = 0;
};
Load LoadOf(const store::KeyValue& reader, const std::string& person, absl::Time now);

}  // namespace throughline::ownership

#pragma once

// Pages of worklists: the rows of several persons merged in the order of urgency, without what the reader has put
// aside. Nothing is stored for a supervisor that follows from who works for whom: that is looked up when the page is
// read.
//
// Any thread.

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "services/ownership/projections/tables.h"
#include "throughline/ownership/v1/queries.pb.h"

namespace throughline::ownership {

// Whose rows a worklist shows.
struct WorklistPart {
  std::string person;
  bool raised_only = false;  // only what is broken, and overdue updates of notices
};

// The person's own rows. Of a supervisor also what is raised of those who stand under them now; with `team`, all rows
// of those, and of everybody in the supervisor's team.
std::vector<WorklistPart> PartsOf(const store::KeyValue& reader, const std::string& person, bool team, absl::Time now,
                                  const std::string& last_resort);

// Which page of which list.
struct WorklistQuery {
  std::string viewer;              // what they put aside is left out
  bool include_set_aside = false;  // or is not
  int page_size = 100;
  std::string last_resort;  // see Above
  std::string question;     // for page tokens
  std::string after;        // the raw key of the row before the page; empty: the first page
};

// The page, and the next page's token. `kWorklist.KeyOf()` is the prefix of its keys.
v1::ListWorklistResponse WorklistPage(const store::KeyValue& reader, const std::vector<WorklistPart>& parts,
                                      const WorklistQuery& query, absl::Time now);
// The same of the open cases that nobody has taken, the oldest first. `kWaitingCases.KeyOf()` is the prefix of its
// keys.
v1::ListWorklistResponse UnassignedPage(const store::KeyValue& reader, const WorklistQuery& query, absl::Time now);

// The item, if it is in the worklist of the person, or of somebody whose worklist they see.
std::optional<v1::WorklistItem> FindWorkItem(const store::KeyValue& reader, const std::string& person,
                                             const std::string& item_id, absl::Time now,
                                             const std::string& last_resort);

// When the first of what the person put aside comes back; infinite: never.
absl::Time NextBack(const store::KeyValue& reader, const std::string& person, absl::Time now);

// The open commitments about the cases that the person owns, and the help that they were asked for, those due first at
// the beginning; of one kind, unless that is unspecified. `after` is a raw key of kWorklist.
v1::ListCommitmentsResponse CommitmentsPage(const store::KeyValue& reader, const std::string& person,
                                            v1::CommitmentKind kind, const WorklistQuery& query, absl::Time now);

// How much a person has to do now; each number counts up to kMostCounted.
struct Load {
  static constexpr uint32_t kMostCounted = 10'000;
  uint32_t open_cases = 0;
  uint32_t overdue_items = 0;
};
Load LoadOf(const store::KeyValue& reader, const std::string& person, absl::Time now);
// How many items their worklist has, up to kMostCounted.
size_t ItemsOf(const store::KeyValue& reader, const std::string& person);

}  // namespace throughline::ownership

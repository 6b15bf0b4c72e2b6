#pragma once

// Suggestions and improvements as people see them, and what improvements count. Projections: the fold's thread.
// Everything else: any thread.

#include <set>
#include <string>
#include <vector>

#include "libs/runtime/fold/projection.h"
#include "services/intake/projections/tables.h"

namespace throughline::intake {

// kSuggestions, kSuggestionLists, kSuggestionsOwed.
class SuggestionsProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

// kImprovements, kImprovementsOwed, kOccurrences.
class ImprovementsProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

// Lists of kSuggestionLists.
inline constexpr char kAllSuggestions[] = "all";
inline constexpr char kOpenSuggestions[] = "open";
inline constexpr char kOverdueSuggestions[] = "overdue";
std::string ListOfTeam(const std::string& team);
std::string ListOfCase(const std::string& case_id);
std::string ListOfSuggester(const std::string& customer_id);

// What of this kind happened after `from` and not after `until`, the newest first; at most `most`.
std::vector<std::string> Occurrences(const store::KeyValue& reader, const std::string& kind, absl::Time from,
                                     absl::Time until, size_t most);

}  // namespace throughline::intake

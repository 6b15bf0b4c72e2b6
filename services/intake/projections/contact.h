#pragma once

// Where a customer's words belong: to the open case about their matter, or to the case that goes on in place of
// another. `reader`: rows that are as recent as the answer must be. Any thread.

#include <optional>
#include <string>

#include "services/intake/domain/matter.h"
#include "services/intake/projections/standing.h"

namespace throughline::intake {

// How many merges and continuations are followed.
inline constexpr int kMostHops = 16;

// The case that has this interaction or alert.
std::optional<std::string> CaseOfWords(const store::KeyValue& reader, const std::string& words_id);

// The case that goes on in place of this one: into which it was merged, or which continues it since it was closed. The
// case itself if none does. `stop(case)`, if true, ends the way there.
template <typename Stop>
std::string GoesOnAs(const store::KeyValue& reader, std::string case_id, const Stop& stop) {
  for (int hop = 0; hop < kMostHops && !stop(case_id); ++hop) {
    const auto row = kCases.Get(reader, case_id);
    if (!row) break;
    const Standing standing = StandingOf(*row, kStandings.Get(reader, case_id));
    const std::string next = !standing.merged_into.empty() ? standing.merged_into
                             : standing.open()             ? ""
                                                           : row->continued_by_case_id();
    if (next.empty()) break;
    case_id = next;
  }
  return case_id;
}
inline std::string GoesOnAs(const store::KeyValue& reader, const std::string& case_id) {
  return GoesOnAs(reader, case_id, [](const std::string&) { return false; });
}

// Who has the first of the request's matters, and which case gets the words.
struct Holder {
  std::string matter;               // key of the stream; empty: the request is about no matter
  std::optional<std::string> open;  // the open case about one of its matters
  std::string closed;               // the case for which the first was reserved, if it is closed
};
Holder HolderOf(const store::KeyValue& reader, const v1::OpenCaseRequest& request);

}  // namespace throughline::intake

#pragma once

// A case's standing: its present owner and status, from both topics. Any thread.

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "libs/runtime/domain/time.h"
#include "services/intake/projections/tables.h"
#include "services/ownership/standing/standing.h"

namespace throughline::intake {

struct Standing {
  std::string case_id;
  std::string owner;
  ownership::v1::CaseStatus status = ownership::v1::CASE_STATUS_OPEN;
  absl::Time opened_at;
  std::vector<std::string> components;
  std::vector<std::string> matters;             // domain/matter.h
  std::string merged_into;                      // may be empty
  absl::Time closed_at = absl::InfinitePast();  // the last time
  bool taken = true;  // false while somebody only looks after the case because no rep was free

  bool open() const { return !ownership::IsClosed(status); }
};

Standing StandingOf(const v1::CaseRow& row, const std::optional<v1::StandingRow>& standing);

// None until the opening is folded, even if the case's ownership already is. `reader`: KeyValue or Batch.
template <typename Reader>
std::optional<Standing> FindStanding(const Reader& reader, const std::string& case_id) {
  const auto row = kCases.Get(reader, case_id);
  if (!row) return std::nullopt;
  return StandingOf(*row, kStandings.Get(reader, case_id));
}

// Moves the case between the lists by owner, by status, by component and by matter.
void WriteStandingRows(const std::optional<Standing>& before, const std::optional<Standing>& after,
                       store::Batch& batch);

}  // namespace throughline::intake

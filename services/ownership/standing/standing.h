#pragma once

// A case's standing, as its ownership stream tells it: who owns it and how far it is. The one place that says which
// events change it, for every service that keeps it in a row or state of its own:
//
//   const StandingChange change = ChangeOf(event);
//   if (change.owner) row.set_owner(*change.owner);
//   if (change.status) row.set_closed(IsClosed(*change.status));
//
// Pure functions; any thread.

#include <optional>
#include <string>

#include "throughline/ownership/v1/ownership.pb.h"

namespace throughline::ownership {

// What is not set stays as it was.
struct StandingChange {
  std::optional<std::string> owner = std::nullopt;
  std::optional<v1::CaseStatus> status = std::nullopt;
  std::optional<std::string> merged_into_case_id = std::nullopt;
};
StandingChange ChangeOf(const v1::OwnershipEvent& event);

bool IsClosed(v1::CaseStatus status);

}  // namespace throughline::ownership

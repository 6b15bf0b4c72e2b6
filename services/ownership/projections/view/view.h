#pragma once

// The view of a case's ownership; view_commitments.h has what is owed in it. Pure functions, except FindView and
// SurvivorOf, which read rows; any thread.

#include <optional>
#include <string>

#include "absl/time/time.h"

#include "services/ownership/projections/tables.h"

namespace throughline::ownership {

// The view until the ownership stream starts.
v1::OwnershipView ViewOf(const v1::OwnershipStarted& opening);

// Applies one event of the stream `ownership/<case_id>`.
void Evolve(v1::OwnershipView& view, const v1::OwnershipEvent& event, absl::Time time);

// The view of an opened case, whether or not its ownership stream has started. `reader`: KeyValue or Batch.
template <typename Reader>
std::optional<v1::OwnershipView> FindView(const Reader& reader, const std::string& case_id) {
  if (auto view = kViews.Get(reader, case_id)) return view;
  if (auto opening = kOpenings.Get(reader, case_id)) return ViewOf(*opening);
  return std::nullopt;
}

// The case that goes on in place of this one now; itself, if it was not merged.
std::string SurvivorOf(const store::KeyValue& reader, std::string case_id);

}  // namespace throughline::ownership

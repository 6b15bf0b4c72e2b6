#pragma once

// The ownership of one case as it is shown. Pure functions, apart from FindView, which reads rows; any thread.

#include <optional>
#include <string>

#include "absl/time/time.h"

#include "services/ownership/projections/tables.h"

namespace throughline::ownership {

// While only the opening has named the owner.
v1::OwnershipView ViewOf(const v1::OwnershipStarted& opening);

// Takes one event of the stream `ownership/<case_id>` into account.
void Evolve(v1::OwnershipView& view, const v1::OwnershipEvent& event, absl::Time time);

// The view of a case that has been opened, whether or not its ownership stream has begun. `reader`: KeyValue or Batch.
template <typename Reader>
std::optional<v1::OwnershipView> FindView(const Reader& reader, const std::string& case_id) {
  if (auto view = kViews.Get(reader, case_id)) return view;
  if (auto opening = kOpenings.Get(reader, case_id)) return ViewOf(*opening);
  return std::nullopt;
}

}  // namespace throughline::ownership

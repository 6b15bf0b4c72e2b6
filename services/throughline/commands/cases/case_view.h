#pragma once

// Renders a case for people. Pure functions; safe from any thread.

#include <string>
#include <vector>

#include "absl/time/time.h"

#include "services/throughline/output/terminal.h"
#include "throughline/intake/v1/queries.pb.h"
#include "throughline/ownership/v1/views.pb.h"

namespace throughline::tool {

Style StatusStyle(ownership::v1::CaseStatus status);

// A table, a row for each.
std::string RenderCases(const std::vector<intake::v1::CaseView>& cases, const Terminal& terminal, absl::Time now);

// One line per case, with its line feed.
std::string CaseLine(const intake::v1::CaseView& view, const Terminal& terminal, absl::Time now);
std::string LinkedNoticeLine(const intake::v1::LinkedNotice& notice, const Terminal& terminal, absl::Time now);

// What the customer gets to put it right, a row for each; empty: nothing. One of them with all that is known.
std::string RenderRemedies(const ownership::v1::OwnershipView& owned, const Terminal& terminal, absl::Time now);
std::string RenderRemedy(const ownership::v1::Remedy& remedy, const Terminal& terminal, absl::Time now);

// The whole case: its owner, promises and interactions.
std::string RenderCase(const intake::v1::GetCaseResponse& opened, const ownership::v1::OwnershipView& owned,
                       const Terminal& terminal, absl::Time now);

}  // namespace throughline::tool

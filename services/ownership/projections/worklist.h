#pragma once

// What of one case stands in whose worklist. Pure function of the case's view; any thread.

#include <map>
#include <string>

#include "services/ownership/projections/tables.h"

namespace throughline::ownership {

// Rows of kWorklist and kTeamWorklist, by key, as bytes.
std::map<std::string, std::string> WorklistRowsOf(const v1::OwnershipView& view);

}  // namespace throughline::ownership

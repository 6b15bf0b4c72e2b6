#pragma once

// The worklist items of one case. Pure function of the case's view; any thread.

#include <map>
#include <string>

#include "services/ownership/projections/tables.h"

namespace throughline::ownership {

// Encoded rows of kWorklist by their keys.
std::map<std::string, std::string> WorklistRowsOf(const v1::OwnershipView& view);

}  // namespace throughline::ownership

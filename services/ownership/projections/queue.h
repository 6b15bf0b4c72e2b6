#pragma once

// What of one case stands in whose queue. Pure function of the case's view; any thread.

#include <map>
#include <string>

#include "services/ownership/projections/tables.h"

namespace throughline::ownership {

// Rows of kQueue and kTeamQueue, by key, as bytes.
std::map<std::string, std::string> QueueRowsOf(const v1::OwnershipView& view);

}  // namespace throughline::ownership

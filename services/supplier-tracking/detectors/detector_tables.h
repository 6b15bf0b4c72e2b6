#pragma once

// The table of what is looked after. Changing it needs a new kLayout (projections/tables.h).

#include <string>

#include "libs/store/table.h"
#include "throughline/supplier/v1/history_rows.pb.h"

namespace throughline::supplier {

// Shipment's stream, while it waits for something, or has had a concern.
inline constexpr store::Table<v1::WatchRow, std::string> kWatches{52};

// The timers for looking at a shipment begin with this; the number of the ConcernKind follows.
inline constexpr char kLook[] = "look/";

}  // namespace throughline::supplier

#pragma once

// The tables of lanes and scorecards. Their rows are the same in whatever order the topics are folded. Changing one
// needs a new kLayout (projections/tables.h).

#include <string>

#include "libs/store/table.h"
#include "throughline/supplier/v1/history_rows.pb.h"

namespace throughline::supplier {

// Carrier, country of origin, zone of destination.
inline constexpr store::Table<v1::LaneRow, std::string, std::string, std::string> kLanes{47};
// Vendor.
inline constexpr store::Table<v1::VendorTimesRow, std::string> kVendorTimes{48};
// Shipment's stream.
inline constexpr store::Table<v1::ShipmentShareRow, std::string> kShipmentShares{49};
// Order.
inline constexpr store::Table<v1::OrderShareRow, std::string> kOrderShares{50};
// Subject (v1::ScorecardSubject), what of it, day since 1970-01-01 in UTC.
inline constexpr store::Table<v1::ScorecardRow, int64_t, std::string, int64_t> kScorecards{51};

// Counters behind the gauges.
inline constexpr char kLanesKnown[] = "lanes_known";

}  // namespace throughline::supplier

#pragma once

// The running values of a trace: owner, ETA and risk just after each entry.
//
// Computing them from the first entry on would make a late page expensive. Keeping them in the rows or in a page token
// would make them wrong when a late entry is inserted before. So their changes ("turns") have a table of their own,
// kTurns, newest first: the first turn of a kind at or before an entry gives the value there.
//
// The owner can take more than one row: when a case closes, the owner is again that of an older open case. So the turns
// of cases are read back to the opening of a case that is open and has an owner. If a case is open, that takes a row or
// two; if none is, all turns of the order's cases are read (openings, hand-overs, closings, reopenings), but never the
// trace.
//
// Any thread.

#include <optional>
#include <vector>

#include "libs/store/key_value.h"
#include "services/supplier-tracking/projections/trace/trace.h"

namespace throughline::supplier {

// Fills in the running values of entries with these keys, ascending, and the effect of those that change the owner.
void FillCarried(const store::KeyValue& reader, const v1::OrderRow& order, const std::vector<TraceKey>& keys,
                 std::vector<v1::TraceEntry>& entries);

// The same for consecutive entries right after `after` (from the first entry if not given), with their turns,
// ascending. Only the values at `after` are looked up.
void FillCarried(const store::KeyValue& reader, const v1::OrderRow& order, const std::optional<TraceKey>& after,
                 const std::vector<Turn>& turns, const std::vector<TraceKey>& keys,
                 std::vector<v1::TraceEntry>& entries);

}  // namespace throughline::supplier

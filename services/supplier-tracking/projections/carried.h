#pragma once

// What a trace carries along: who answers, when the order is expected and whether it is at risk, just after an entry.
//
// It is looked up and not counted up from the first entry, so that what an entry shows costs the same wherever it
// stands. Nor is it kept in the rows or in a page token: an entry that comes late and belongs in the middle changes it
// for those behind, which would have to be written anew, or would be shown wrong. So what changes it stands in a table
// of its own (kTurns), newest first: the first of a kind at or before an entry is what holds there.
//
// Who answers takes more than one row, as a case that closes leaves it to one that was opened before: turns of cases
// are read back to the opening of a case that is open and has an owner. While one is open that is a row or two; with
// none, it is what people have ever done to the order's cases (opened, handed over, closed, reopened), not its trace.
//
// Any thread.

#include <optional>
#include <vector>

#include "libs/store/key_value.h"
#include "services/supplier-tracking/projections/trace.h"

namespace throughline::supplier {

// Fills in what holds just after each of the entries, which stand at these keys, ascending.
void FillCarried(const store::KeyValue& reader, const v1::OrderRow& order, const std::vector<TraceKey>& keys,
                 std::vector<v1::TraceEntry>& entries);

// The same for a part of the trace, whose turns are at hand: the entries that follow `after` without a gap (none given:
// the first of all), and what they change, ascending. Only what holds at `after` is looked up.
void FillCarried(const store::KeyValue& reader, const v1::OrderRow& order, const std::optional<TraceKey>& after,
                 const std::vector<Turn>& turns, const std::vector<TraceKey>& keys,
                 std::vector<v1::TraceEntry>& entries);

}  // namespace throughline::supplier

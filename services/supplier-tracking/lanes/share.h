#pragma once

// What a shipment and an order add to lanes and scorecards, as functions of what is folded of them.
//
// Pure functions; any thread.

#include <cstdint>
#include <string>

#include "absl/time/time.h"

#include "libs/runtime/fold/accepted_commit.h"
#include "throughline/supplier/v1/history_rows.pb.h"
#include "throughline/supplier/v1/state.pb.h"

namespace throughline::supplier {

// The day since 1970-01-01 in UTC.
int64_t DayOf(absl::Time time);
// The weekday in UTC: 0 is Monday.
int WeekdayOf(absl::Time time);
// When that day begins in UTC.
absl::Time Midnight(absl::Time time);

// Takes over a commit of the shipment's stream.
void UpdateReports(const runtime::AcceptedCommit& commit, v1::ShipmentShareRow::Reports& reports);

// What the order says of one of its shipments, after a commit of the order's stream.
v1::ShipmentShareRow::Promise PromiseOf(const v1::OrderState& order, const v1::OrderState::Shipment& shipment,
                                        absl::Time first_promised);

// Takes over a commit of the order's stream.
void UpdateOrderShare(const runtime::AcceptedCommit& commit, v1::OrderShareRow& share);

}  // namespace throughline::supplier

#pragma once

// Rows of the trace: how they are made, where they go. The fold's thread.

#include "libs/runtime/fold/accepted_commit.h"
#include "libs/store/batch.h"
#include "throughline/supplier/v1/rows.pb.h"

namespace throughline::supplier {

// A row for the i-th event of the commit, which happened at the commit's time. The event's name is `kind`.
v1::TraceRow MakeTraceRow(const runtime::AcceptedCommit& commit, size_t i, std::string text);
v1::LogPlace PlaceOf(const runtime::AcceptedCommit& commit, size_t i);

void PutTrace(store::Batch& batch, const std::string& order_id, const v1::LogPlace& place, const v1::TraceRow& row);
void DeleteTrace(store::Batch& batch, const std::string& order_id, const v1::LogPlace& place, const v1::TraceRow& row);

// In UTC, to the minute.
std::string TimeText(const google::protobuf::Timestamp& time);
// The date if it is one, else TimeText; `unknown` without `latest`.
std::string EtaText(const v1::Eta& eta);
// `IN_TRANSIT` becomes `in transit`.
std::string StateText(v1::TrackingState state);
std::string ReasonText(v1::TrackingReason reason);

}  // namespace throughline::supplier

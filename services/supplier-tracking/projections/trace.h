#pragma once

// Rows of the trace: how they are made, where they go. The fold's thread; a TraceKey anywhere.

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "libs/runtime/fold/accepted_commit.h"
#include "libs/store/batch.h"
#include "throughline/supplier/v1/rows.pb.h"

namespace throughline::supplier {

// Where an entry stands in the trace: entries are sorted by it. By time in microseconds, then by place in the log,
// which is the order of entry ids.
struct TraceKey {
  int64_t micros = 0, topic = 0, partition = 0, offset = 0, index = 0;
  auto operator<=>(const TraceKey&) const = default;

  static TraceKey Of(const v1::TraceRow& row);
  // The key of kTrace, and back; false if it is none of this order's.
  std::string Raw(const std::string& order_id) const;
  static bool Parse(std::string_view raw, const std::string& order_id, TraceKey& key);
};

// The kinds of turns, in kTurns: each has a value of its own that holds until the next turn of its kind.
enum TurnKind : int64_t { kEtaTurn = 1, kRiskTurn = 2, kCaseTurn = 3 };

// A row for the i-th event of the commit, which happened at the commit's time. The event's name is `kind`.
v1::TraceRow MakeTraceRow(const runtime::AcceptedCommit& commit, size_t i, std::string text);
v1::LogPlace PlaceOf(const runtime::AcceptedCommit& commit, size_t i);
std::string EntryId(int64_t topic, int64_t partition, int64_t offset, int64_t index);

// What the row changes in the running values, if anything.
struct Turn {
  TraceKey at;
  TurnKind kind = kEtaTurn;
  v1::TurnRow to;
};
std::optional<Turn> TurnOf(const v1::TraceRow& row);

// `known_at`: the offset, in the row's own partition, of the commit by which it comes to the order.
void AddToTrace(store::Batch& batch, const std::string& order_id, const v1::TraceRow& row, int64_t known_at);
// It was added before, and says something else now. What it changes in the running values stays.
void ChangeInTrace(store::Batch& batch, const std::string& order_id, const v1::TraceRow& row);
// A row that changes nothing in the running values. `gone_at`: as `known_at`, of the commit by which it goes.
void RemoveFromTrace(store::Batch& batch, const std::string& order_id, const v1::TraceRow& row, int64_t known_at,
                     int64_t gone_at);

// In UTC, to the minute.
std::string TimeText(const google::protobuf::Timestamp& time);
// The date if it is one, else TimeText; `unknown` without `latest`.
std::string EtaText(const v1::Eta& eta);
// `IN_TRANSIT` becomes `in transit`.
std::string StateText(v1::TrackingState state);
std::string ReasonText(v1::TrackingReason reason);

}  // namespace throughline::supplier

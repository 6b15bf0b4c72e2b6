#pragma once

// Making and writing rows of the trace. The fold's thread; TraceKey: any thread.

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "libs/runtime/fold/accepted_commit.h"
#include "libs/store/batch.h"
#include "services/ownership/history/case_text.h"
#include "throughline/supplier/v1/rows.pb.h"

namespace throughline::supplier {

// The sort key of a trace's entries: time in microseconds, then position in the log, which is the order of entry ids.
struct TraceKey {
  int64_t micros = 0, topic = 0, partition = 0, offset = 0, index = 0;
  auto operator<=>(const TraceKey&) const = default;

  static TraceKey Of(const v1::TraceRow& row);
  // The raw key of kTrace, and back. Parse is false if it is not a key of this order.
  std::string Raw(const std::string& order_id) const;
  static bool Parse(std::string_view raw, const std::string& order_id, TraceKey& key);
};

// The kinds of turns in kTurns. The value of a turn holds until the next turn of its kind.
enum TurnKind : int64_t { kEtaTurn = 1, kRiskTurn = 2, kCaseTurn = 3, kPromiseTurn = 4 };

// A row for the i-th event of the commit, at the commit's time. Its `kind` is the event's name.
v1::TraceRow MakeTraceRow(const runtime::AcceptedCommit& commit, size_t i, std::string text);
v1::LogPlace PlaceOf(const runtime::AcceptedCommit& commit, size_t i);
std::string EntryId(int64_t topic, int64_t partition, int64_t offset, int64_t index);

// A change of the running values (carried.h).
struct Turn {
  TraceKey at;
  TurnKind kind = kEtaTurn;
  v1::TurnRow to;
};
std::optional<Turn> TurnOf(const v1::TraceRow& row);

// `known_at`: the offset, in the row's own partition, of the commit that adds the row to the order.
void AddToTrace(store::Batch& batch, const std::string& order_id, const v1::TraceRow& row, int64_t known_at);
// Replaces a row that was added before. Its change of the running values must be the same.
void ChangeInTrace(store::Batch& batch, const std::string& order_id, const v1::TraceRow& row);
// Removes a row that does not change the running values. `gone_at`: as `known_at`, of the commit that removes it.
void RemoveFromTrace(store::Batch& batch, const std::string& order_id, const v1::TraceRow& row, int64_t known_at,
                     int64_t gone_at);

// Sets the change of an expectation, if it is one; nullptr: unknown. `change` gives the field.
template <typename Change>
void SetEtaChange(const v1::Eta* before, const v1::Eta* after, const Change& change) {
  if (before == nullptr && after == nullptr) return;
  if (before != nullptr && after != nullptr && before->SerializeAsString() == after->SerializeAsString()) return;
  v1::EtaChange& set = *change();
  if (before != nullptr) *set.mutable_before() = *before;
  if (after != nullptr) *set.mutable_after() = *after;
}

using ownership::TimeText;
// The date if there is one, else TimeText of `latest`; `unknown` without `latest`.
std::string EtaText(const v1::Eta& eta);
// `IN_TRANSIT` becomes `in transit`.
std::string StateText(v1::TrackingState state);
std::string ReasonText(v1::TrackingReason reason);

}  // namespace throughline::supplier

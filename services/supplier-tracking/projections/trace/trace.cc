#include "services/supplier-tracking/projections/trace/trace.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/projections/tables.h"

namespace throughline::supplier {
namespace {

// The event's short name, from its type in the commit: `throughline.intake.v1.CaseOpened` is `CaseOpened`.
std::string KindOf(const runtime::AcceptedCommit& commit, size_t i) {
  const std::string& type = commit.header->events(static_cast<int>(i)).type();
  const size_t dot = type.rfind('.');
  return dot == std::string::npos ? type : type.substr(dot + 1);
}

// Whether a causation id names a commit, as `stream@version`.
bool IsCommit(const std::string& cause) {
  const size_t at = cause.rfind('@');
  uint64_t version = 0;
  return at != std::string::npos && cause.find('/') < at && absl::SimpleAtoi(cause.substr(at + 1), &version);
}

std::string Words(std::string name, absl::string_view prefix) {
  return absl::AsciiStrToLower(absl::StrReplaceAll(absl::StripPrefix(name, prefix), {{"_", " "}}));
}

}  // namespace

v1::LogPlace PlaceOf(const runtime::AcceptedCommit& commit, size_t i) {
  v1::LogPlace place;
  place.set_topic(static_cast<uint32_t>(commit.position.partition.topic));
  place.set_partition(commit.position.partition.index);
  place.set_offset(commit.position.offset);
  place.set_index(static_cast<uint32_t>(i));
  return place;
}

std::string EntryId(int64_t topic, int64_t partition, int64_t offset, int64_t index) {
  return absl::StrFormat("%d-%03d-%012d-%03d", topic, partition, offset, index);
}

v1::TraceRow MakeTraceRow(const runtime::AcceptedCommit& commit, size_t i, std::string text) {
  v1::TraceRow row;
  *row.mutable_place() = PlaceOf(commit, i);
  v1::TraceEntry& entry = *row.mutable_entry();
  entry.set_entry_id(EntryId(static_cast<int64_t>(commit.position.partition.topic), commit.position.partition.index,
                             commit.position.offset, static_cast<int64_t>(i)));
  *entry.mutable_time() = runtime::ToProto(commit.time);
  *entry.mutable_recorded_at() = entry.time();
  entry.set_kind(KindOf(commit, i));
  entry.set_text(std::move(text));
  entry.set_stream(commit.stream.ToString());
  entry.set_version(commit.version);
  const std::string_view service = log::ServiceName(commit.position.partition.topic);
  entry.set_service(std::string(service));
  entry.set_by(commit.header->actor().id());
  if (IsCommit(commit.header->causation_id())) entry.set_caused_by(commit.header->causation_id());
  return row;
}

TraceKey TraceKey::Of(const v1::TraceRow& row) {
  return {absl::ToUnixMicros(runtime::FromProto(row.entry().time())), row.place().topic(), row.place().partition(),
          row.place().offset(), row.place().index()};
}

std::string TraceKey::Raw(const std::string& order_id) const {
  return kTrace.KeyOf(order_id, absl::FromUnixMicros(micros), topic, partition, offset, index);
}

bool TraceKey::Parse(std::string_view raw, const std::string& order_id, TraceKey& key) {
  std::string order;
  if (raw.empty() || raw.front() != kTrace.first_byte()) return false;
  raw.remove_prefix(1);
  return store::TakeKey(raw, order) && order == order_id && store::TakeKey(raw, key.micros) &&
         store::TakeKey(raw, key.topic) && store::TakeKey(raw, key.partition) && store::TakeKey(raw, key.offset) &&
         store::TakeKey(raw, key.index) && raw.empty();
}

std::optional<Turn> TurnOf(const v1::TraceRow& row) {
  Turn turn{TraceKey::Of(row), kEtaTurn, {}};
  if (row.sets_eta()) {
    *turn.to.mutable_eta() = row.entry().eta();
  } else if (row.has_at_risk()) {
    turn.kind = kRiskTurn;
    turn.to.set_at_risk(row.at_risk());
  } else if (row.sets_promise()) {
    turn.kind = kPromiseTurn;
    *turn.to.mutable_promised_time() = row.entry().promised_time();
  } else if (row.has_case_owner() || row.has_case_open()) {
    turn.kind = kCaseTurn;
    turn.to.set_case_id(row.entry().case_id());
    if (row.has_case_owner()) turn.to.set_case_owner(row.case_owner());
    if (row.has_case_open()) turn.to.set_case_open(row.case_open());
  } else {
    return std::nullopt;
  }
  return turn;
}

void AddToTrace(store::Batch& batch, const std::string& order_id, const v1::TraceRow& row, int64_t known_at) {
  const TraceKey key = TraceKey::Of(row);
  ChangeInTrace(batch, order_id, row);
  kKnown.Put(batch, order_id, key.topic, key.partition, known_at, key.offset, key.index, key.micros);
  if (const std::optional<Turn> turn = TurnOf(row)) {
    kTurns.Put(batch, order_id, turn->kind, store::Descending{absl::FromUnixMicros(key.micros)}, ~key.topic,
               ~key.partition, ~key.offset, ~key.index, turn->to);
  }
}

void ChangeInTrace(store::Batch& batch, const std::string& order_id, const v1::TraceRow& row) {
  batch.Put(TraceKey::Of(row).Raw(order_id), store::EncodeRow(row));
  batch.Notify(OrderTopic(order_id));
}

void RemoveFromTrace(store::Batch& batch, const std::string& order_id, const v1::TraceRow& row, int64_t known_at,
                     int64_t gone_at) {
  const TraceKey key = TraceKey::Of(row);
  batch.Delete(key.Raw(order_id));
  kKnown.Delete(batch, order_id, key.topic, key.partition, known_at, key.offset, key.index);
  kGone.Put(batch, order_id, key.topic, key.partition, gone_at, key.offset, key.index, known_at);
  batch.Notify(OrderTopic(order_id));
}

std::string EtaText(const v1::Eta& eta) {
  if (!eta.has_latest()) return "unknown";
  return eta.has_date() ? eta.date() : TimeText(eta.latest());
}

std::string StateText(v1::TrackingState state) { return Words(v1::TrackingState_Name(state), "TRACKING_STATE_"); }

std::string ReasonText(v1::TrackingReason reason) { return Words(v1::TrackingReason_Name(reason), "TRACKING_REASON_"); }

}  // namespace throughline::supplier

#include "services/supplier-tracking/projections/trace.h"

#include "absl/strings/ascii.h"
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

v1::TraceRow MakeTraceRow(const runtime::AcceptedCommit& commit, size_t i, std::string text) {
  v1::TraceRow row;
  v1::TraceEntry& entry = *row.mutable_entry();
  entry.set_entry_id(absl::StrFormat("%d-%03d-%012d-%03d", static_cast<int>(commit.position.partition.topic),
                                     commit.position.partition.index, commit.position.offset, i));
  *entry.mutable_time() = runtime::ToProto(commit.time);
  *entry.mutable_recorded_at() = entry.time();
  entry.set_kind(KindOf(commit, i));
  entry.set_text(std::move(text));
  entry.set_stream(commit.stream.ToString());
  entry.set_version(commit.version);
  const std::string_view service = log::ServiceName(commit.position.partition.topic);
  entry.set_service(std::string(service));
  entry.set_by(commit.header->actor().id());
  return row;
}

void PutTrace(store::Batch& batch, const std::string& order_id, const v1::LogPlace& place, const v1::TraceRow& row) {
  kTrace.Put(batch, order_id, runtime::FromProto(row.entry().time()), place.topic(), place.partition(), place.offset(),
             place.index(), row);
  batch.Notify(OrderTopic(order_id));
}

void DeleteTrace(store::Batch& batch, const std::string& order_id, const v1::LogPlace& place, const v1::TraceRow& row) {
  kTrace.Delete(batch, order_id, runtime::FromProto(row.entry().time()), place.topic(), place.partition(),
                place.offset(), place.index());
}

std::string TimeText(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M UTC", runtime::FromProto(time), absl::UTCTimeZone());
}

std::string EtaText(const v1::Eta& eta) {
  if (!eta.has_latest()) return "unknown";
  return eta.has_date() ? eta.date() : TimeText(eta.latest());
}

std::string StateText(v1::TrackingState state) { return Words(v1::TrackingState_Name(state), "TRACKING_STATE_"); }

std::string ReasonText(v1::TrackingReason reason) { return Words(v1::TrackingReason_Name(reason), "TRACKING_REASON_"); }

}  // namespace throughline::supplier

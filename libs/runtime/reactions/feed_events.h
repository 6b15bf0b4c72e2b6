#pragma once

// An accepted commit as CloudEvents (specification 1.0, Kafka protocol binding, binary content mode): one per event,
// with the event's fields as JSON (protobuf's JSON mapping) and the context in headers:
//
//   ce_specversion 1.0          ce_id      case/7ZQ4…@3/0  (stream, version, index in the commit: the same every time)
//   ce_source /throughline/intake          ce_type    throughline.intake.v1.CaseOpened
//   ce_subject case/7ZQ4…       ce_time    2026-05-04T10:11:12.131Z
//   ce_partitionkey case/7ZQ4…  ce_sequence 3   ce_correlationid …   ce_causationid …   content-type application/json
//
// An event whose JSON is larger than kMaxFeedData, or which has none (a time beyond the year 9999), comes without it,
// and with `ce_dataomitted: true`: its content stands in the log.
//
// A consumer that drops ids that it has seen sees each event exactly once, in order per stream. Pure.

#include "libs/log/event_feed.h"
#include "libs/runtime/fold/accepted_commit.h"

namespace throughline::runtime {

inline constexpr size_t kMaxFeedData = 1'000'000;  // less than what a broker takes by default

std::vector<log::FeedEvent> FeedEventsOf(const AcceptedCommit& commit);

}  // namespace throughline::runtime

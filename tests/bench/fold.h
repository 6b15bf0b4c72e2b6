#pragma once

// Measures the fold alone, without a process around it, and what its time is spent on.

#include "libs/log/event_log.h"
#include "libs/log/kafka/settings.h"
#include "libs/store/rocks/rocks_key_value.h"

namespace throughline::bench {

// For a store of the topic's service, as the service opens it.
store::RocksKeyValue::Options StoreOptionsFor(log::Topic topic);

// Folds the whole log as the topic's service. No partition is assigned, so nothing is appended to the log.
// `read_ahead`: as a service does.
void FoldAll(log::EventLog& log, log::Topic topic, store::KeyValue& store, bool read_ahead = true);

// What a fold from Kafka spends its time on, in microseconds of wall-clock time per commit of the topic.
struct FoldTimes {
  double all = 0;
  double receive = 0;  // librdkafka and the log's port: a pass that only polls
  double read = 0;     // digests and parsing: how much longer a pass takes that also reads each commit
  double store = 0;    // reads and writes of rows
  double judge = 0;    // the rest: the acceptance rule, states, projections
};

// Folds the topic's service from the first offset; its topic holds `records`. Two more passes split the time.
FoldTimes TimeFold(const log::KafkaCluster& cluster, log::Topic topic, int64_t records);

}  // namespace throughline::bench

#pragma once

// The fold by itself, without a process around it: how long it takes, and what part of that is whose.

#include "libs/log/event_log.h"
#include "libs/log/kafka/settings.h"
#include "libs/store/rocks/rocks_key_value.h"

namespace throughline::bench {

// For a store of the topic's service, as the service itself opens it.
store::RocksKeyValue::Options StoreOptionsFor(log::Topic topic);

// Folds all that stands in the log, as the service of this topic; duty is nobody's, so nothing is added to the log.
void FoldAll(log::EventLog& log, log::Topic topic, store::KeyValue& store);

// Where the time of a fold from Kafka goes, in microseconds of wall-clock time per commit of the topic.
struct FoldTimes {
  double all = 0;
  double receive = 0;  // librdkafka, the log's port: what a pass that only polls takes
  double read = 0;     // digests and parsing: what a pass that also reads each commit takes more
  double store = 0;    // reads and writes of rows
  double judge = 0;    // the rest: the acceptance rule, states, projections
};

// Folds the topic's service with nothing folded before; `records` stand in its topic. Two more passes tell the parts.
FoldTimes TimeFold(const log::KafkaCluster& cluster, log::Topic topic, int64_t records);

}  // namespace throughline::bench

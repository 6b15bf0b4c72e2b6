#pragma once

// The feed on Kafka: topics `<prefix>.<service>.events`, one record per event. An idempotent producer that never gives
// up on a record by time, so that events of one key stand in the order in which they were published; if librdkafka
// declares it broken, all that is under way is answered with an error, and a new one is made.
//
// Any thread. `done` comes on its thread, "log-feed".

#include <memory>

#include "absl/status/statusor.h"

#include "libs/log/event_feed.h"
#include "libs/log/kafka/settings.h"

namespace throughline::log {

// INVALID_ARGUMENT: a setting of librdkafka's is refused. Whether the topics are there shows when something is
// published; `throughline topics create` makes them.
absl::StatusOr<std::unique_ptr<EventFeed>> OpenKafkaFeed(const KafkaCluster& cluster);

}  // namespace throughline::log

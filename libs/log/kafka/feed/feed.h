#pragma once

// The event feed on Kafka: topics `<prefix>.<service>.events`, one record per event. Its idempotent producer has no
// delivery timeout, so that events of one key are in the order of publishing. After a fatal error of librdkafka, all
// events in flight are answered with an error and a new producer is made; likewise when its secrets change.
//
// Any thread. `done` runs on its thread, "log-feed".

#include <memory>

#include "absl/status/statusor.h"

#include "libs/log/event_feed.h"
#include "libs/log/kafka/settings.h"

namespace throughline::log {

namespace kafka {
class Secrets;
}

// `secrets`: those that the process watches already (KafkaLog::secrets); null: it watches its own. INVALID_ARGUMENT:
// librdkafka refuses a setting. Missing topics show when something is published; `throughline topics create` makes
// them.
absl::StatusOr<std::unique_ptr<EventFeed>> OpenKafkaFeed(const KafkaCluster& cluster,
                                                         std::shared_ptr<const kafka::Secrets> secrets = nullptr);

}  // namespace throughline::log

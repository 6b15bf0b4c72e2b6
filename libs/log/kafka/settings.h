#pragma once

// How to reach a Kafka cluster: its brokers, and settings of librdkafka that are passed through (TLS, SASL, timeouts,
// compression). Settings that would break what the log promises are refused, by name and with the reason.
//
//   auto settings = ReadKafkaSettings("/etc/throughline/kafka.properties");
//
// The file has a `name=value` per line; `#` begins a comment line. A value `${NAME}` is that of the environment
// variable NAME, so that a secret need not stand in the file; it never stands on a command line.
//
// Any thread.

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/log/event_log.h"
#include "libs/log/kafka/client.h"

namespace throughline::log {

using KafkaSettings = std::vector<std::pair<std::string, std::string>>;

struct KafkaCluster {
  std::string brokers = {};                  // "host:port,host:port"
  std::string topic_prefix = "throughline";  // topics are `<prefix>.<service>.log`, groups `<prefix>.<service>`
  KafkaSettings settings = {};
};

// NOT_FOUND: no such file. INVALID_ARGUMENT: a line or a setting that makes no sense, or a variable that is not set.
absl::StatusOr<KafkaSettings> ReadKafkaSettings(const std::string& path);

// INVALID_ARGUMENT: librdkafka does not know a setting or its value, or the log needs it otherwise.
absl::Status CheckKafkaSettings(const KafkaSettings& settings);

// The value as it may be shown: "***" for what is secret.
std::string ShownKafkaSetting(const std::string& name, const std::string& value);

std::string KafkaTopicName(const KafkaCluster& cluster, Topic topic);
// The topic for other teams and tools: `<prefix>.<service>.events`.
std::string KafkaEventsTopicName(const KafkaCluster& cluster, Topic topic);
// See topics/notes.h.
std::string KafkaReactionsTopicName(const KafkaCluster& cluster);
std::string KafkaGapsTopicName(const KafkaCluster& cluster);
// "throughline.intake" with the cluster's prefix.
std::string KafkaGroupName(const KafkaCluster& cluster, const std::string& group);

namespace kafka {

enum class Role {
  kProducer,
  kReader,  // manual assignment, in no group
  kMember,  // of a consumer group, for duty
  kQuery,   // ends, metadata, administration
};

// The configuration of one client: what suits the role, then the cluster's settings, then what must be so.
absl::StatusOr<Conf> MakeConf(const KafkaCluster& cluster, Role role);

// For what a role needs beyond that. INVALID_ARGUMENT: librdkafka does not take it.
absl::Status Set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value);

}  // namespace kafka
}  // namespace throughline::log

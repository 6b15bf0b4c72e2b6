#pragma once

// The connection to a Kafka cluster: its brokers, and settings for librdkafka (TLS, SASL, timeouts, compression).
// Settings that would break the log's guarantees are refused, with the reason.
//
//   auto settings = ReadKafkaSettings("/etc/throughline/kafka.properties");
//
// The file has one `name=value` per line; a line that begins with `#` is a comment. Secrets can stay out of the file
// and off the command line: a value `${NAME}` is read from the environment variable NAME, and `name.file=PATH` takes
// the value from that file, whenever a client is made (secrets.h).
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

// Name and value; of `name.file` the file.
using KafkaSettings = std::vector<std::pair<std::string, std::string>>;

struct KafkaCluster {
  std::string brokers = {};                  // "host:port,host:port"
  std::string topic_prefix = "throughline";  // topics are `<prefix>.<service>.log`, groups `<prefix>.<service>`
  KafkaSettings settings = {};
};

// NOT_FOUND: there is no such file. INVALID_ARGUMENT: a line or a setting is invalid, or a variable is not set.
absl::StatusOr<KafkaSettings> ReadKafkaSettings(const std::string& path);

// INVALID_ARGUMENT: librdkafka refuses a setting or its value, or the log's guarantees do, or a file cannot be read.
absl::Status CheckKafkaSettings(const KafkaSettings& settings);

// The value, or "***" if it is secret.
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
  kMember,  // of a consumer group, for partition assignment
  kQuery,   // ends, metadata, administration
};

// The configuration of a client: defaults of its role, overridden by the cluster's settings, overridden by what is
// mandatory.
absl::StatusOr<Conf> MakeConf(const KafkaCluster& cluster, Role role);

// A client of Role::kQuery; one of Role::kReader.
absl::StatusOr<Client> NewQueryClient(const KafkaCluster& cluster);
absl::StatusOr<Client> NewReaderClient(const KafkaCluster& cluster);

// One more setting. INVALID_ARGUMENT: librdkafka does not accept it.
absl::Status Set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value);

}  // namespace kafka
}  // namespace throughline::log

#include "services/throughline/commands/operations/cluster.h"

#include "libs/command_line/address.h"
#include "libs/log/event_log.h"
#include "libs/runtime/domain/refusal.h"
#include "services/throughline/cli/options/input_file.h"

namespace throughline::tool {

void AddCluster(CLI::App& command, ClusterOptions& options, bool required) {
  command
      .add_option("--brokers", options.cluster.brokers, "The Kafka cluster's bootstrap servers: host:port,host:port")
      ->check([](const std::string& text) { return std::string(command_line::CheckBrokers(text).message()); })
      ->envname("THROUGHLINE_KAFKA_BROKERS")
      ->required(required);
  command
      .add_option(
          "--config", options.config,
          "A file with librdkafka's settings (TLS, SASL), name=value per line; a value ${NAME} is taken from the "
          "environment, that of name.file from a file")
      ->envname("THROUGHLINE_KAFKA_CONFIG")
      ->type_name("FILE");
  command.add_option("--prefix", options.cluster.topic_prefix, "Prefix of the topics' names")
      ->envname("THROUGHLINE_KAFKA_PREFIX")
      ->capture_default_str();
}

std::vector<std::string> ServiceNames() {
  std::vector<std::string> names;
  for (log::Topic topic : log::kTopics) names.emplace_back(log::ServiceName(topic));
  return names;
}

absl::StatusOr<log::KafkaCluster> ReadCluster(const ClusterOptions& options) {
  log::KafkaCluster cluster = options.cluster;
  if (options.config.empty()) return cluster;
  if (absl::Status status = CheckFileOf("--config", options.config); !status.ok()) return status;
  auto settings = log::ReadKafkaSettings(options.config);
  if (!settings.ok()) return settings.status();
  cluster.settings = *std::move(settings);
  return cluster;
}

absl::Status FromKafka(const absl::Status& status) {
  if (!absl::IsUnavailable(status)) return status;
  return runtime::WithRetryAfter(
      runtime::Refuse(absl::StatusCode::kUnavailable, "KAFKA_UNAVAILABLE", std::string(status.message())),
      absl::Seconds(5));
}

}  // namespace throughline::tool

#pragma once

// The options by which a command of the tool is pointed at a Kafka cluster.

#include "CLI/CLI.hpp"

#include "libs/log/kafka/settings.h"

namespace throughline::tool {

struct ClusterOptions {
  log::KafkaCluster cluster;
  std::string config;  // a file of librdkafka's settings; may be empty
};

// --brokers, --config and --prefix, each also from the environment.
void AddCluster(CLI::App& command, ClusterOptions& options, bool required);

// Reads the file, if one is named.
absl::StatusOr<log::KafkaCluster> ReadCluster(const ClusterOptions& options);

// An error of the cluster, so that the tool does not tell to start the suite.
absl::Status FromKafka(const absl::Status& status);

}  // namespace throughline::tool

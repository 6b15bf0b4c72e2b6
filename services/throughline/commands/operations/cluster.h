#pragma once

// The options of commands that work on a Kafka cluster.

#include "CLI/CLI.hpp"

#include "libs/log/kafka/settings.h"

namespace throughline::tool {

struct ClusterOptions {
  log::KafkaCluster cluster;
  std::string config;  // a file with settings of librdkafka; may be empty
};

// --brokers, --config and --prefix; each also from the environment.
void AddCluster(CLI::App& command, ClusterOptions& options, bool required);

// Of all services, for options that name some.
std::vector<std::string> ServiceNames();

// Reads the file, if one was named.
absl::StatusOr<log::KafkaCluster> ReadCluster(const ClusterOptions& options);

// Marks an error as the cluster's, so that the tool does not suggest starting the suite.
absl::Status FromKafka(const absl::Status& status);

}  // namespace throughline::tool

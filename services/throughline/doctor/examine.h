#pragma once

// Looks at an installation: reads files, asks replicas and brokers, and judges what it finds (judge.h). Changes
// nothing, but for a record in the topic `<prefix>.clock` of a Kafka cluster. Blocks for up to a minute. Any thread.

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

#include "libs/log/kafka/settings.h"
#include "services/throughline/doctor/finding.h"

namespace throughline::doctor {

struct Installation {
  std::string data;                                           // of `throughline up`; empty: there is none
  std::vector<std::pair<std::string, std::string>> settings;  // service and its file
  std::vector<std::pair<std::string, std::string>> replicas;  // address of an operations port, and the page there
  std::vector<std::string> backups;                           // directories
  absl::Duration backup_every = absl::Hours(1);
  std::vector<std::string> certificates;  // PEM files
  std::optional<log::KafkaCluster> cluster;
  int32_t partitions = 0;  // of each topic; 0: any number
};

Findings Examine(Installation installation, absl::Time now);

}  // namespace throughline::doctor

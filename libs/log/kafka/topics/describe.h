#pragma once

// Asks a Kafka cluster for its brokers and for the configuration of topics and brokers. Internal to this folder.
//
// Any thread; blocks for up to the timeout.

#include <librdkafka/rdkafka.h>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/log/kafka/client.h"

namespace throughline::log::kafka {

using Metadata = std::unique_ptr<const rd_kafka_metadata_t, Destroy<rd_kafka_metadata_destroy>>;
using AdminOptions = std::unique_ptr<rd_kafka_AdminOptions_t, Destroy<rd_kafka_AdminOptions_destroy>>;

using Config = std::map<std::string, std::string>;  // settings by name

// By the resources' names; without those that this client may not read. The brokers of one call are one at most: each
// describes itself.
absl::StatusOr<std::map<std::string, Config>> DescribeConfigs(rd_kafka_t* client, rd_kafka_ResourceType_t type,
                                                              const std::vector<std::string>& names,
                                                              absl::Duration timeout);

// In ascending order: those that are up, and those that have a copy of some partition.
absl::StatusOr<std::vector<int32_t>> BrokerIds(rd_kafka_t* client, absl::Duration timeout);

AdminOptions OptionsFor(rd_kafka_t* client, rd_kafka_admin_op_t operation, absl::Duration timeout);

// UNAVAILABLE.
absl::Status NoAnswer(rd_kafka_resp_err_t error);

}  // namespace throughline::log::kafka

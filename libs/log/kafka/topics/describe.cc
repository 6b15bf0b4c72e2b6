#include "libs/log/kafka/topics/describe.h"

#include <set>

#include "absl/strings/str_cat.h"

namespace throughline::log::kafka {
namespace {

using ConfigResource = std::unique_ptr<rd_kafka_ConfigResource_t, Destroy<rd_kafka_ConfigResource_destroy>>;

}  // namespace

absl::StatusOr<std::map<std::string, Config>> DescribeConfigs(rd_kafka_t* client, rd_kafka_ResourceType_t type,
                                                              const std::vector<std::string>& names,
                                                              absl::Duration timeout) {
  std::map<std::string, Config> configs;
  if (names.empty()) return configs;
  std::vector<ConfigResource> owned;
  std::vector<rd_kafka_ConfigResource_t*> resources;
  for (const std::string& name : names) {
    owned.emplace_back(rd_kafka_ConfigResource_new(type, name.c_str()));
    resources.push_back(owned.back().get());
  }
  const Queue queue(rd_kafka_queue_new(client));
  const AdminOptions options = OptionsFor(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout);
  rd_kafka_DescribeConfigs(client, resources.data(), resources.size(), options.get(), queue.get());
  const Event event(rd_kafka_queue_poll(queue.get(), Milliseconds(timeout)));
  if (event == nullptr) return NoAnswer(RD_KAFKA_RESP_ERR__TIMED_OUT);
  if (auto error = rd_kafka_event_error(event.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR) return NoAnswer(error);
  size_t count = 0;
  const auto* result = rd_kafka_event_DescribeConfigs_result(event.get());
  const rd_kafka_ConfigResource_t** described = rd_kafka_DescribeConfigs_result_resources(result, &count);
  for (size_t i = 0; i < count; ++i) {
    if (rd_kafka_ConfigResource_error(described[i]) != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    Config& config = configs[rd_kafka_ConfigResource_name(described[i])];
    size_t entries = 0;
    const rd_kafka_ConfigEntry_t** entry = rd_kafka_ConfigResource_configs(described[i], &entries);
    for (size_t j = 0; j < entries; ++j) {
      const char* value = rd_kafka_ConfigEntry_value(entry[j]);
      config[rd_kafka_ConfigEntry_name(entry[j])] = value == nullptr ? "" : value;
    }
  }
  return configs;
}

absl::StatusOr<std::vector<int32_t>> BrokerIds(rd_kafka_t* client, absl::Duration timeout) {
  const rd_kafka_metadata_t* raw = nullptr;
  if (auto error = rd_kafka_metadata(client, 1, nullptr, &raw, Milliseconds(timeout)); error != 0)
    return NoAnswer(error);
  const Metadata metadata(raw);
  std::set<int32_t> ids;
  for (int i = 0; i < metadata->broker_cnt; ++i) ids.insert(metadata->brokers[i].id);
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const rd_kafka_metadata_topic_t& topic = metadata->topics[i];
    for (int j = 0; j < topic.partition_cnt; ++j) {
      const rd_kafka_metadata_partition_t& partition = topic.partitions[j];
      ids.insert(partition.replicas, partition.replicas + partition.replica_cnt);
    }
  }
  return std::vector<int32_t>(ids.begin(), ids.end());
}

AdminOptions OptionsFor(rd_kafka_t* client, rd_kafka_admin_op_t operation, absl::Duration timeout) {
  AdminOptions options(rd_kafka_AdminOptions_new(client, operation));
  char text[256];
  rd_kafka_AdminOptions_set_request_timeout(options.get(), Milliseconds(timeout), text, sizeof text);
  return options;
}

absl::Status NoAnswer(rd_kafka_resp_err_t error) {
  return absl::UnavailableError(absl::StrCat("the Kafka cluster does not answer: ", ErrorText(error),
                                             "; check the brokers' addresses and the security settings"));
}

}  // namespace throughline::log::kafka

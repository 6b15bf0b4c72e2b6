#pragma once

// For tests of the Kafka log: a real broker, if THROUGHLINE_KAFKA names one, and librdkafka's mock cluster for injected
// errors. (The mock keeps only 5 MiB per partition: it proves nothing about durability.)

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <map>
#include <memory>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

#include "libs/log/kafka/kafka_log.h"
#include "libs/log/kafka/topics/topics.h"
#include "libs/log/testing/contract_harness.h"

namespace throughline::log {

// "" without one.
inline std::string KafkaForTests() {
  const char* brokers = std::getenv("THROUGHLINE_KAFKA");
  return brokers == nullptr ? "" : brokers;
}

inline constexpr char kNoKafka[] =
    "SKIPPED, THERE IS NO KAFKA: nothing was proved about the log on Apache Kafka. Start one with `scripts/kafka up`, "
    "and set THROUGHLINE_KAFKA to the bootstrap servers that it prints.";

inline bool KafkaIsRequired() {
  return std::getenv("CI") != nullptr || std::getenv("THROUGHLINE_KAFKA_REQUIRED") != nullptr;
}

#define THROUGHLINE_NEEDS_KAFKA()              \
  if (KafkaForTests().empty()) {               \
    if (KafkaIsRequired()) FAIL() << kNoKafka; \
    GTEST_SKIP() << kNoKafka;                  \
  }                                            \
  static_assert(true)

// New topics for one test on the real broker, removed in the end.
class KafkaTopics {
 public:
  explicit KafkaTopics(int32_t partitions = 3) {
    static std::atomic<int> count{0};
    cluster_.brokers = KafkaForTests();
    cluster_.topic_prefix = absl::StrCat("test-", absl::ToUnixMillis(absl::Now()), "-", getpid(), "-", ++count);
    auto made = CreateTopics(cluster_, {.partitions = partitions, .replication = 1});
    EXPECT_TRUE(made.ok()) << made.status();
    if (made.ok()) names_ = *std::move(made);
  }
  ~KafkaTopics() {
    auto client = kafka::NewQueryClient(cluster_);
    std::vector<rd_kafka_DeleteTopic_t*> topics;
    for (const std::string& name : names_) topics.push_back(rd_kafka_DeleteTopic_new(name.c_str()));
    const kafka::Queue queue(rd_kafka_queue_new(client->get()));
    rd_kafka_DeleteTopics(client->get(), topics.data(), topics.size(), nullptr, queue.get());
    const kafka::Event done(rd_kafka_queue_poll(queue.get(), 10'000));
    rd_kafka_DeleteTopic_destroy_array(topics.data(), topics.size());
  }
  const KafkaCluster& cluster() const { return cluster_; }
  const std::vector<std::string>& names() const { return names_; }

 private:
  KafkaCluster cluster_;
  std::vector<std::string> names_;
};

// The mock cluster, with the log's topics of 3 partitions.
class MockKafka {
 public:
  explicit MockKafka(int brokers = 1)
      : client_(rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), nullptr, 0)),
        cluster_(rd_kafka_mock_cluster_new(client_.get(), brokers)) {
    for (Topic topic : kTopics) rd_kafka_mock_topic_create(cluster_, TopicName(topic).c_str(), 3, brokers);
  }
  ~MockKafka() { rd_kafka_mock_cluster_destroy(cluster_); }

  rd_kafka_mock_cluster_t* operator*() const { return cluster_; }
  KafkaLog::Options options() const {
    KafkaLog::Options options;
    options.cluster.brokers = rd_kafka_mock_cluster_bootstraps(cluster_);
    options.check_topics = false;
    return options;
  }

 private:
  kafka::Client client_;
  rd_kafka_mock_cluster_t* const cluster_;
};

// As the broker does when a group has had no member for seven days.
inline void ForgetGroup(const KafkaCluster& cluster, const std::string& group) {
  auto client = kafka::NewQueryClient(cluster);
  rd_kafka_DeleteGroup_t* deletion = rd_kafka_DeleteGroup_new(KafkaGroupName(cluster, group).c_str());
  const kafka::Queue queue(rd_kafka_queue_new(client->get()));
  rd_kafka_DeleteGroups(client->get(), &deletion, 1, nullptr, queue.get());
  const kafka::Event done(rd_kafka_queue_poll(queue.get(), 10'000));
  rd_kafka_DeleteGroup_destroy(deletion);
  ASSERT_NE(done, nullptr);
  size_t count = 0;
  const rd_kafka_group_result_t** results =
      rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(done.get()), &count);
  ASSERT_EQ(count, 1u);
  ASSERT_EQ(rd_kafka_group_result_error(results[0]), nullptr);
}

// Waits until the broker reports the new values: it applies them a moment after its answer.
inline void Configure(const KafkaCluster& cluster, const std::string& topic,
                      const std::map<std::string, std::string>& config) {
  auto client = kafka::NewQueryClient(cluster);
  rd_kafka_ConfigResource_t* resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str());
  for (const auto& [name, value] : config) rd_kafka_ConfigResource_set_config(resource, name.c_str(), value.c_str());
  const kafka::Queue queue(rd_kafka_queue_new(client->get()));
  rd_kafka_AlterConfigs(client->get(), &resource, 1, nullptr, queue.get());
  const kafka::Event done(rd_kafka_queue_poll(queue.get(), 10'000));
  rd_kafka_ConfigResource_destroy(resource);
  ASSERT_NE(done, nullptr);
  const auto applied = [&] {
    const auto facts = kafka::ReadTopics(client->get(), {topic}, /*with_config=*/true, absl::Seconds(10));
    return facts.ok() && std::all_of(config.begin(), config.end(), [&](const auto& wanted) {
             const auto found = facts->front().config.find(wanted.first);
             return found != facts->front().config.end() && found->second == wanted.second;
           });
  };
  for (int i = 0; i < 200 && !applied(); ++i) {
  }
  ASSERT_TRUE(applied());
}

using KafkaContractLog = OpenedContractLog<KafkaLog>;

}  // namespace throughline::log

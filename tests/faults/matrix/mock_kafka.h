#pragma once

// librdkafka's mock cluster, for errors that a real broker cannot be told to make. It keeps only 5 MiB per partition:
// enough for some ten thousand commands on as many partitions as here. Any thread.

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <string>

#include "libs/log/event_log.h"
#include "libs/log/kafka/client.h"

namespace throughline::faults {

class MockKafka {
 public:
  static constexpr int kPartitions = 6;

  MockKafka()
      : client_(rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), nullptr, 0)),
        cluster_(rd_kafka_mock_cluster_new(client_.get(), 1)) {
    for (log::Topic topic : log::kTopics)
      rd_kafka_mock_topic_create(cluster_, log::TopicName(topic).c_str(), kPartitions, 1);
  }
  ~MockKafka() { rd_kafka_mock_cluster_destroy(cluster_); }

  std::string brokers() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }

  // An error that is fatal for an idempotent producer.
  void FailNextProduce() const {
    constexpr int16_t kProduce = 0;  // the request's API key in Kafka's protocol
    rd_kafka_mock_push_request_errors(cluster_, kProduce, 1, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
  }

 private:
  log::kafka::Client client_;
  rd_kafka_mock_cluster_t* const cluster_;
};

}  // namespace throughline::faults

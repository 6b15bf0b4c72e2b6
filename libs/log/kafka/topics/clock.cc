#include "libs/log/kafka/topics/clock.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "libs/log/kafka/client.h"
#include "libs/log/kafka/topics/describe.h"

namespace throughline::log {
namespace kafka {
namespace {

using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, Destroy<rd_kafka_NewTopic_destroy>>;

absl::Status EnsureTopic(rd_kafka_t* client, const std::string& name, absl::Duration timeout) {
  char text[256] = "";
  const NewTopic topic(rd_kafka_NewTopic_new(name.c_str(), 1, -1, text, sizeof text));
  if (topic == nullptr) return absl::InternalError(text);
  for (const auto& [key, value] : {std::pair("message.timestamp.type", "LogAppendTime"),
                                   {"cleanup.policy", "delete"},
                                   {"retention.ms", "3600000"},
                                   {"segment.ms", "3600000"}}) {
    rd_kafka_NewTopic_set_config(topic.get(), key, value);
  }
  const Queue queue(rd_kafka_queue_new(client));
  const AdminOptions options = OptionsFor(client, RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout);
  rd_kafka_AdminOptions_set_operation_timeout(options.get(), Milliseconds(timeout), text, sizeof text);
  rd_kafka_NewTopic_t* topics[] = {topic.get()};
  rd_kafka_CreateTopics(client, topics, 1, options.get(), queue.get());
  const Event event(rd_kafka_queue_poll(queue.get(), Milliseconds(timeout)));
  if (event == nullptr) return NoAnswer(RD_KAFKA_RESP_ERR__TIMED_OUT);
  if (auto error = rd_kafka_event_error(event.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR) return NoAnswer(error);
  size_t count = 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  const auto error = count == 1 ? rd_kafka_topic_result_error(results[0]) : RD_KAFKA_RESP_ERR_UNKNOWN;
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("the topic ", name, " cannot be made: ", ErrorText(error)));
}

struct Delivery {
  std::optional<rd_kafka_resp_err_t> outcome;
  int64_t stamp = -1;  // milliseconds
};

void TakeReport(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  auto& delivery = *static_cast<Delivery*>(message->_private);
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const int64_t stamp = rd_kafka_message_timestamp(message, &type);
  if (type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME) delivery.stamp = stamp;
  delivery.outcome = message->err;
}

absl::StatusOr<ClockDifference> Stamp(rd_kafka_t* producer, const std::string& topic, absl::Time deadline) {
  Delivery delivery;
  ClockDifference difference{.sent = absl::Now()};
  const auto error =
      rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(0),
                        RD_KAFKA_V_VALUE(const_cast<char*>("?"), 1), RD_KAFKA_V_OPAQUE(&delivery), RD_KAFKA_V_END);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return absl::UnavailableError(absl::StrCat(topic, " takes nothing: ", ErrorText(error)));
  }
  while (!delivery.outcome && absl::Now() < deadline) rd_kafka_poll(producer, 10);
  difference.answered = absl::Now();
  if (!delivery.outcome) {
    // Its report would be written to what is gone by then.
    rd_kafka_purge(producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_flush(producer, 1000);
    return absl::UnavailableError(absl::StrCat(topic, " did not take a record in time"));
  }
  if (*delivery.outcome != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return absl::UnavailableError(absl::StrCat(topic, " does not take a record: ", ErrorText(*delivery.outcome)));
  }
  if (delivery.stamp < 0) {
    return absl::FailedPreconditionError(absl::StrCat("the broker does not stamp records of ", topic,
                                                      ": set its message.timestamp.type to LogAppendTime"));
  }
  difference.stamped = absl::FromUnixMillis(delivery.stamp);
  // The stamp has whole milliseconds.
  difference.sent = absl::FromUnixMillis(absl::ToUnixMillis(difference.sent));
  return difference;
}

}  // namespace
}  // namespace kafka

absl::StatusOr<ClockDifference> CompareClocks(const KafkaCluster& cluster, absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  const std::string topic = cluster.topic_prefix + ".clock";
  absl::StatusOr<kafka::Client> admin = kafka::NewQueryClient(cluster);
  if (!admin.ok()) return admin.status();
  if (absl::Status made = kafka::EnsureTopic(admin->get(), topic, timeout / 2); !made.ok()) return made;
  absl::StatusOr<kafka::Conf> conf = kafka::MakeConf(cluster, kafka::Role::kProducer);
  if (!conf.ok()) return conf.status();
  rd_kafka_conf_set_dr_msg_cb(conf->get(), &kafka::TakeReport);
  absl::StatusOr<kafka::Client> producer = kafka::NewClient(RD_KAFKA_PRODUCER, *std::move(conf));
  if (!producer.ok()) return producer.status();
  // The first record also waits for the connection, and for the topic's leader.
  if (auto first = kafka::Stamp(producer->get(), topic, deadline); !first.ok()) return first;
  return kafka::Stamp(producer->get(), topic, deadline);
}

}  // namespace throughline::log

#include "tests/faults/matrix/foreign.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "libs/log/kafka/client.h"
#include "libs/log/kafka/topics/topics.h"

namespace throughline::faults {
namespace {

using log::kafka::Client;
using log::kafka::Event;
using log::kafka::Queue;

constexpr int kTimeoutMs = 20'000;

Client NewClient(rd_kafka_type_t type, const std::string& brokers,
                 const std::vector<std::pair<const char*, std::string>>& settings = {}) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char why[256];
  rd_kafka_conf_set(conf, "bootstrap.servers", brokers.c_str(), why, sizeof why);
  rd_kafka_conf_set(conf, "log_level", "2", why, sizeof why);
  for (const auto& [name, value] : settings) rd_kafka_conf_set(conf, name, value.c_str(), why, sizeof why);
  return Client(rd_kafka_new(type, conf, why, sizeof why));
}

// Waits for the response to an administrative request.
absl::Status Answer(const Queue& queue, const std::string& doing) {
  const Event event(rd_kafka_queue_poll(queue.get(), kTimeoutMs));
  if (event == nullptr) return absl::DeadlineExceededError(doing);
  if (auto error = rd_kafka_event_error(event.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return absl::InternalError(absl::StrCat(doing, ": ", rd_kafka_event_error_string(event.get())));
  return absl::OkStatus();
}

// Waits until the change is visible in the metadata. 0: the topic does not exist.
absl::Status AwaitPartitions(rd_kafka_t* client, const std::vector<std::string>& topics, int partitions) {
  const absl::Time deadline = absl::Now() + absl::Milliseconds(kTimeoutMs);
  while (absl::Now() < deadline) {
    const auto facts = log::kafka::ReadTopics(client, topics, /*with_config=*/false, deadline - absl::Now());
    if (!facts.ok()) return facts.status();
    if (absl::c_all_of(*facts, [&](const auto& topic) { return topic.partitions == partitions; }))
      return absl::OkStatus();
  }
  return absl::DeadlineExceededError(absl::StrCat(topics.front(), " does not come to ", partitions, " partitions"));
}

absl::Status ProduceWith(rd_kafka_t* client, const std::string& prefix, const ForeignRecord& record) {
  const std::string topic = LogTopic(prefix, record.partition.topic);
  const auto* key = record.key ? record.key->data() : nullptr;
  auto* value = record.value ? const_cast<char*>(record.value->data()) : nullptr;
  const size_t key_size = record.key ? record.key->size() : 0, value_size = record.value ? record.value->size() : 0;
  const auto error =
      rd_kafka_producev(client, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(record.partition.index),
                        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key, key_size),
                        RD_KAFKA_V_VALUE(value, value_size), RD_KAFKA_V_END);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return absl::InternalError(rd_kafka_err2str(error));
  return absl::OkStatus();
}

absl::Status Flush(rd_kafka_t* client) {
  if (auto error = rd_kafka_flush(client, kTimeoutMs); error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return absl::InternalError(absl::StrCat("a foreign producer: ", rd_kafka_err2str(error)));
  return absl::OkStatus();
}

}  // namespace

std::string LogTopic(const std::string& prefix, log::Topic topic) {
  return absl::StrCat(prefix, ".", std::string(log::ServiceName(topic)), ".log");
}

absl::Status Produce(const std::string& brokers, const std::string& prefix, const std::vector<ForeignRecord>& records) {
  const Client client = NewClient(RD_KAFKA_PRODUCER, brokers, {{"acks", "all"}});
  for (const ForeignRecord& record : records) {
    if (absl::Status status = ProduceWith(client.get(), prefix, record); !status.ok()) return status;
  }
  return Flush(client.get());
}

absl::Status ProduceInTransaction(const std::string& brokers, const std::string& prefix, const ForeignRecord& record,
                                  bool commit) {
  const Client client = NewClient(RD_KAFKA_PRODUCER, brokers, {{"transactional.id", absl::StrCat("foreign-", prefix)}});
  const auto done = [](rd_kafka_error_t* raw) {
    const log::kafka::Error error(raw);
    return error == nullptr ? absl::OkStatus() : absl::InternalError(rd_kafka_error_string(error.get()));
  };
  if (absl::Status status = done(rd_kafka_init_transactions(client.get(), kTimeoutMs)); !status.ok()) return status;
  if (absl::Status status = done(rd_kafka_begin_transaction(client.get())); !status.ok()) return status;
  if (absl::Status status = ProduceWith(client.get(), prefix, record); !status.ok()) return status;
  if (absl::Status status = Flush(client.get()); !status.ok()) return status;  // aborting would drop it
  return done(commit ? rd_kafka_commit_transaction(client.get(), kTimeoutMs)
                     : rd_kafka_abort_transaction(client.get(), kTimeoutMs));
}

absl::Status DeleteTopics(const std::string& brokers, const std::vector<std::string>& names) {
  const Client client = NewClient(RD_KAFKA_PRODUCER, brokers);
  const Queue queue(rd_kafka_queue_new(client.get()));
  std::vector<rd_kafka_DeleteTopic_t*> topics;
  for (const std::string& name : names) topics.push_back(rd_kafka_DeleteTopic_new(name.c_str()));
  rd_kafka_DeleteTopics(client.get(), topics.data(), topics.size(), nullptr, queue.get());
  absl::Status status = Answer(queue, "deleting topics");
  rd_kafka_DeleteTopic_destroy_array(topics.data(), topics.size());
  return status.ok() ? AwaitPartitions(client.get(), names, 0) : status;
}

absl::Status Truncate(const std::string& brokers, const std::string& prefix, const log::Position& before) {
  const Client client = NewClient(RD_KAFKA_PRODUCER, brokers);
  const Queue queue(rd_kafka_queue_new(client.get()));
  const log::kafka::Partitions offsets(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(offsets.get(), LogTopic(prefix, before.partition.topic).c_str(),
                                    before.partition.index)
      ->offset = before.offset;
  rd_kafka_DeleteRecords_t* request = rd_kafka_DeleteRecords_new(offsets.get());
  rd_kafka_DeleteRecords(client.get(), &request, 1, nullptr, queue.get());
  absl::Status status = Answer(queue, "deleting records");
  rd_kafka_DeleteRecords_destroy(request);
  return status;
}

absl::Status ForgetGroup(const std::string& brokers, const std::string& group) {
  const Client client = NewClient(RD_KAFKA_PRODUCER, brokers);
  const Queue queue(rd_kafka_queue_new(client.get()));
  rd_kafka_DeleteGroup_t* request = rd_kafka_DeleteGroup_new(group.c_str());
  rd_kafka_DeleteGroups(client.get(), &request, 1, nullptr, queue.get());
  const log::kafka::Event event(rd_kafka_queue_poll(queue.get(), kTimeoutMs));
  rd_kafka_DeleteGroup_destroy(request);
  if (event == nullptr) return absl::UnavailableError("deleting a group: no answer");
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return absl::InternalError(rd_kafka_event_error_string(event.get()));
  size_t count = 0;
  const rd_kafka_group_result_t** results =
      rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(event.get()), &count);
  for (size_t i = 0; i < count; ++i) {
    if (const rd_kafka_error_t* error = rd_kafka_group_result_error(results[i]); error != nullptr)
      return absl::InternalError(rd_kafka_error_string(error));
  }
  return absl::OkStatus();
}

absl::Status SetPartitions(const std::string& brokers, const std::string& topic, int partitions) {
  const Client client = NewClient(RD_KAFKA_PRODUCER, brokers);
  const Queue queue(rd_kafka_queue_new(client.get()));
  char why[256];
  rd_kafka_NewPartitions_t* request =
      rd_kafka_NewPartitions_new(topic.c_str(), static_cast<size_t>(partitions), why, sizeof why);
  rd_kafka_CreatePartitions(client.get(), &request, 1, nullptr, queue.get());
  absl::Status status = Answer(queue, "adding partitions");
  rd_kafka_NewPartitions_destroy(request);
  return status.ok() ? AwaitPartitions(client.get(), {topic}, partitions) : status;
}

bool JoinAndLeave(const std::string& brokers, const std::string& group, const std::vector<std::string>& topics,
                  absl::Duration stay) {
  const Client client = NewClient(RD_KAFKA_CONSUMER, brokers,
                                  {{"group.id", group},
                                   {"enable.auto.commit", "false"},
                                   {"partition.assignment.strategy", "range"},
                                   {"heartbeat.interval.ms", "50"},
                                   {"session.timeout.ms", "6000"},
                                   {"auto.offset.reset", "latest"}});
  rd_kafka_poll_set_consumer(client.get());
  const log::kafka::Partitions wanted(rd_kafka_topic_partition_list_new(static_cast<int>(topics.size())));
  for (const std::string& topic : topics)
    rd_kafka_topic_partition_list_add(wanted.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  rd_kafka_subscribe(client.get(), wanted.get());
  bool held = false;
  const absl::Time patience = absl::Now() + absl::Seconds(5);
  absl::Time leave = patience;
  while (absl::Now() < leave) {
    const log::kafka::Message ignored(rd_kafka_consumer_poll(client.get(), 10));
    if (held) continue;
    rd_kafka_topic_partition_list_t* share = nullptr;
    if (rd_kafka_assignment(client.get(), &share) != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    held = share->cnt > 0;
    rd_kafka_topic_partition_list_destroy(share);
    if (held) leave = absl::Now() + stay;
  }
  rd_kafka_consumer_close(client.get());
  return held;
}

}  // namespace throughline::faults

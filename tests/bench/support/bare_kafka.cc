#include "tests/bench/support/bare_kafka.h"

#include <atomic>
#include <cstring>
#include <librdkafka/rdkafka.h>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include <fmt/format.h>

#include "libs/client/load.h"
#include "tests/bench/support/fixture.h"
#include "tests/support/process.h"

namespace throughline::bench {
namespace {

struct Destroy {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
};
using Client = std::unique_ptr<rd_kafka_t, Destroy>;

Client NewClient(rd_kafka_type_t type, const std::vector<std::pair<std::string, std::string>>& settings) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char why[512];
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), why, sizeof why) != RD_KAFKA_CONF_OK) Fail(why);
  }
  rd_kafka_t* client = rd_kafka_new(type, conf, why, sizeof why);
  if (client == nullptr) Fail(why);
  return Client(client);
}

Client NewConsumer(const std::string& brokers, const std::string& topic, int64_t from, int64_t* left) {
  Client consumer = NewClient(RD_KAFKA_CONSUMER, {{"bootstrap.servers", brokers},
                                                  {"group.id", "bare"},
                                                  {"enable.auto.commit", "false"},
                                                  {"auto.offset.reset", "earliest"}});
  rd_kafka_poll_set_consumer(consumer.get());
  rd_kafka_topic_t* handle = rd_kafka_topic_new(consumer.get(), topic.c_str(), nullptr);
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(consumer.get(), 0, handle, &metadata, 10'000) != RD_KAFKA_RESP_ERR_NO_ERROR)
    Fail("no metadata of " + topic);
  const int partitions = metadata->topics[0].partition_cnt;
  rd_kafka_metadata_destroy(metadata);
  rd_kafka_topic_destroy(handle);
  rd_kafka_topic_partition_list_t* all = rd_kafka_topic_partition_list_new(partitions);
  for (int i = 0; i < partitions; ++i) {
    int64_t low = 0;
    int64_t high = 0;
    if (rd_kafka_query_watermark_offsets(consumer.get(), topic.c_str(), i, &low, &high, 10'000) !=
        RD_KAFKA_RESP_ERR_NO_ERROR)
      Fail("no end of " + topic);
    if (left != nullptr) *left += high - low;
    rd_kafka_topic_partition_list_add(all, topic.c_str(), i)->offset = from;
  }
  rd_kafka_assign(consumer.get(), all);
  rd_kafka_topic_partition_list_destroy(all);
  return consumer;
}

}  // namespace

Consumed ConsumeAll(const std::string& brokers, const std::string& topic) {
  int64_t left = 0;
  const Client consumer = NewConsumer(brokers, topic, RD_KAFKA_OFFSET_BEGINNING, &left);
  Consumed consumed;
  absl::Time begun = absl::InfiniteFuture();
  while (consumed.records < left) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer.get(), 10'000);
    if (message == nullptr) Fail("the bare consumer is given nothing");
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (consumed.records++ == 0) begun = absl::Now();
      consumed.bytes += static_cast<int64_t>(message->len);
    }
    rd_kafka_message_destroy(message);
  }
  consumed.per_second = static_cast<double>(consumed.records) / absl::ToDoubleSeconds(absl::Now() - begun);
  return consumed;
}

double RoundTripP99Ms(const std::string& brokers, const std::string& topic, double per_second, int bytes,
                      double seconds) {
  const Client consumer = NewConsumer(brokers, topic, RD_KAFKA_OFFSET_END, nullptr);
  for (const absl::Time settled = absl::Now() + absl::Seconds(2); absl::Now() < settled;) {
    if (rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer.get(), 100)) rd_kafka_message_destroy(message);
  }
  const Client producer =
      NewClient(RD_KAFKA_PRODUCER,
                {{"bootstrap.servers", brokers}, {"acks", "all"}, {"enable.idempotence", "true"}, {"linger.ms", "0"}});
  std::atomic<bool> over{false};
  std::vector<absl::Duration> trips;
  std::thread reader([&] {
    const absl::Time warm = absl::Now() + absl::Seconds(1);
    while (!over.load()) {
      rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer.get(), 50);
      if (message == nullptr) continue;
      int64_t sent = 0;
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR && message->len >= sizeof sent) {
        std::memcpy(&sent, message->payload, sizeof sent);
        const absl::Time now = absl::Now();
        if (now > warm) trips.push_back(now - absl::FromUnixNanos(sent));
      }
      rd_kafka_message_destroy(message);
    }
  });
  std::string value(static_cast<size_t>(bytes), 'x');
  const absl::Duration pause = absl::Seconds(1) / per_second;
  const absl::Time begun = absl::Now();
  int64_t sent = 0;
  for (absl::Time now = begun; now < begun + absl::Seconds(seconds); now = absl::Now()) {
    for (; begun + pause * sent < now; ++sent) {
      const int64_t stamp = absl::ToUnixNanos(absl::Now());
      std::memcpy(value.data(), &stamp, sizeof stamp);
      const std::string key = "k" + std::to_string(sent);
      rd_kafka_producev(producer.get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_KEY(key.data(), key.size()),
                        RD_KAFKA_V_VALUE(value.data(), value.size()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                        RD_KAFKA_V_END);
    }
    rd_kafka_poll(producer.get(), 0);
    absl::SleepFor(std::min(pause, absl::Microseconds(200)));
  }
  rd_kafka_flush(producer.get(), 10'000);
  absl::SleepFor(absl::Milliseconds(200));
  over.store(true);
  reader.join();
  if (trips.empty()) Fail("no record came back");
  return client::Percentile(trips, 0.99);
}

Perf ProducerPerf(const std::string& brokers, const std::string& topic, int bytes, double per_second, double seconds) {
  const int64_t records = static_cast<int64_t>((per_second > 0 ? per_second : 60'000) * seconds);
  const testing::Finished run =
      testing::Run({"scripts/kafka", "tool", "ProducerPerformance", "--topic", topic, "--num-records",
                    std::to_string(records), "--record-size", std::to_string(bytes), "--throughput",
                    std::to_string(per_second > 0 ? static_cast<int64_t>(per_second) : -1), "--producer-props",
                    "bootstrap.servers=" + brokers, "acks=all"});
  // 500000 records sent, 87412.6 records/sec (50.0 MB/sec), 12.3 ms avg latency, 300.0 ms max latency, 9 ms 50th,
  // 30 ms 95th, 70 ms 99th, 90 ms 99.9th.
  Perf perf;
  for (const absl::string_view line : absl::StrSplit(run.out, '\n')) {
    if (line.find(" 99.9th") == absl::string_view::npos) continue;
    for (absl::string_view part : absl::StrSplit(line, ", ")) {
      const std::pair<absl::string_view, absl::string_view> words = absl::StrSplit(part, absl::MaxSplits(' ', 1));
      double number = 0;
      if (!absl::SimpleAtod(words.first, &number)) continue;
      if (words.second.find("records/sec") != absl::string_view::npos) perf.per_second = number;
      if (words.second == "ms 50th") perf.p50_ms = number;
      if (words.second == "ms 99th") perf.p99_ms = number;
    }
  }
  if (run.exit_code != 0 || perf.per_second == 0) Fail("kafka-producer-perf-test: " + run.out + run.err);
  return perf;
}

}  // namespace throughline::bench

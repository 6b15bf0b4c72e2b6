// The cost of the Kafka log, compared with librdkafka alone, on the broker in THROUGHLINE_KAFKA:
//
//   THROUGHLINE_KAFKA=$(scripts/kafka up | tail -1) build/release/bin/log-kafka-bench [records [bytes [in flight]]]
//
// Appends commits of about that size to all partitions of one topic, with the given number in flight; then reads them
// through a subscription, and through a bare consumer that only counts. For Kafka's own number: scripts/kafka tool
// ProducerPerformance. Makes new topics and leaves them.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"

#include "libs/log/kafka/kafka_log.h"
#include "libs/log/kafka/topics/topics.h"
#include "throughline/log/v1/commit.pb.h"

namespace throughline::log {
namespace {

constexpr int32_t kPartitions = 12;

void Die(const absl::Status& status) {
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(1);  // NOLINT(concurrency-mt-unsafe): one thread of ours
}

std::string CommitOf(size_t bytes) {
  v1::Commit commit;
  commit.set_stream("case/01J9ZQ4R8T0000000000000000");
  commit.set_version(3);
  commit.set_follows(std::string(32, 'd'));
  commit.set_command_id("01J9ZQ4R8T0000000000000001");
  commit.mutable_actor()->set_id("carla");
  commit.add_events()->set_type("throughline.intake.v1.CaseOpened");
  const size_t so_far = commit.ByteSizeLong() + 4;
  commit.mutable_events(0)->set_data(std::string(bytes > so_far ? bytes - so_far : 0, 'x'));
  return commit.SerializeAsString();
}

void Show(const char* what, size_t records, absl::Duration took) {
  std::printf("%-28s %9.0f records/s  %6.2f s\n", what, static_cast<double>(records) / absl::ToDoubleSeconds(took),
              absl::ToDoubleSeconds(took));
}

void ShowLatency(const char* what, std::vector<absl::Duration> latencies) {
  std::sort(latencies.begin(), latencies.end());
  const auto at = [&](double part) {
    return absl::ToDoubleMilliseconds(latencies[static_cast<size_t>(part * static_cast<double>(latencies.size() - 1))]);
  };
  std::printf("%-28s p50 %.2f ms, p99 %.2f ms\n", what, at(0.5), at(0.99));
}

class Bench {
 public:
  Bench(KafkaLog& log, size_t bytes) : log_(log), value_(CommitOf(bytes)) {}

  void Append(size_t records, size_t in_flight, const char* what, std::vector<absl::Duration>* latencies) {
    const absl::Time begin = absl::Now();
    for (size_t i = 0; i < records; ++i) {
      {
        absl::MutexLock lock(&mu_);
        while (under_way_ >= in_flight) room_.Wait(&mu_);
        ++under_way_;
      }
      const absl::Time begun = latencies == nullptr ? absl::Time() : absl::Now();
      log_.Append({Topic::kIntake, static_cast<int32_t>(i % kPartitions)}, "case/01J9ZQ4R8T0000000000000000", value_,
                  [this, begun, latencies](const absl::StatusOr<int64_t>& offset) {
                    if (!offset.ok()) Die(offset.status());
                    absl::MutexLock lock(&mu_);
                    if (latencies != nullptr) latencies->push_back(absl::Now() - begun);
                    --under_way_;
                    room_.Signal();
                  });
    }
    if (log_.Flush(absl::Now() + absl::Seconds(60)) > 0) Die(absl::UnavailableError("appends are left"));
    Show(what, records, absl::Now() - begin);
    if (latencies != nullptr) ShowLatency("", *latencies);
  }

  void Poll(size_t records) {
    std::vector<Position> from;
    for (int32_t p = 0; p < kPartitions; ++p) from.push_back({{Topic::kIntake, p}, 0});
    const absl::Time begin = absl::Now();
    bool woken = false;
    auto subscription = log_.Subscribe(from, [&] {
      absl::MutexLock lock(&mu_);
      woken = true;
      room_.Signal();
    });
    if (!subscription.ok()) Die(subscription.status());
    for (size_t read = 0; read < records;) {
      auto polled = (*subscription)->Poll(1024);
      if (!polled.ok()) Die(polled.status());
      read += polled->size();
      if (!polled->empty()) continue;
      absl::MutexLock lock(&mu_);
      while (!woken) room_.Wait(&mu_);
      woken = false;
    }
    Show("polled", records, absl::Now() - begin);
  }

  void QueryEnds(size_t times) {
    std::vector<Partition> partitions;
    for (int32_t p = 0; p < kPartitions; ++p) partitions.push_back({Topic::kIntake, p});
    std::vector<absl::Duration> latencies;
    for (size_t i = 0; i < times; ++i) {
      const absl::Time begin = absl::Now();
      bool answered = false;
      log_.QueryEnds(partitions, [&](const absl::StatusOr<std::vector<Position>>& ends) {
        if (!ends.ok()) Die(ends.status());
        absl::MutexLock lock(&mu_);
        answered = true;
        room_.Signal();
      });
      absl::MutexLock lock(&mu_);
      while (!answered) room_.Wait(&mu_);
      latencies.push_back(absl::Now() - begin);
    }
    ShowLatency("ends of 12 partitions", latencies);
  }

 private:
  KafkaLog& log_;
  const std::string value_;
  absl::Mutex mu_;
  absl::CondVar room_;
  size_t under_way_ = 0;
};

// With the same settings as a subscription's or with librdkafka's own.
void BareConsumer(const KafkaCluster& cluster, size_t records, bool ours, const char* what) {
  kafka::Conf conf = ours ? *kafka::MakeConf(cluster, kafka::Role::kReader) : kafka::Conf(rd_kafka_conf_new());
  for (const auto& [name, value] : KafkaSettings{{"bootstrap.servers", cluster.brokers}, {"group.id", "bench"}}) {
    if (absl::Status status = kafka::Set(conf.get(), name, value); !status.ok()) Die(status);
  }
  const absl::Time begin = absl::Now();
  auto client = kafka::NewClient(RD_KAFKA_CONSUMER, std::move(conf));
  if (!client.ok()) Die(client.status());
  const kafka::Partitions list(rd_kafka_topic_partition_list_new(kPartitions));
  const std::string name = KafkaTopicName(cluster, Topic::kIntake);
  for (int32_t p = 0; p < kPartitions; ++p) rd_kafka_topic_partition_list_add(list.get(), name.c_str(), p)->offset = 0;
  rd_kafka_poll_set_consumer(client->get());
  rd_kafka_assign(client->get(), list.get());
  for (size_t read = 0; read < records;) {
    const kafka::Message message(rd_kafka_consumer_poll(client->get(), 1000));
    if (message != nullptr && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) ++read;
  }
  Show(what, records, absl::Now() - begin);
}

int Run(int argc, char** argv) {
  const auto argument = [&](int i, size_t otherwise) {
    return argc > i ? static_cast<size_t>(std::strtoull(argv[i], nullptr, 10)) : otherwise;
  };
  const size_t records = argument(1, 500'000);
  const size_t bytes = argument(2, 600);
  const size_t in_flight = argument(3, 4096);
  const char* brokers = std::getenv("THROUGHLINE_KAFKA");  // NOLINT(concurrency-mt-unsafe): one thread
  if (brokers == nullptr) Die(absl::FailedPreconditionError("THROUGHLINE_KAFKA names no broker"));
  KafkaLog::Options options;
  options.cluster.brokers = brokers;
  options.cluster.topic_prefix = "bench-" + std::to_string(absl::ToUnixMillis(absl::Now()));
  options.topics = {Topic::kIntake};
  if (argc > 4) options.linger = absl::Microseconds(argument(4, 0));
  const auto made = CreateTopics(options.cluster, {.partitions = kPartitions, .replication = 1});
  if (!made.ok()) Die(made.status());
  auto log = KafkaLog::Open(options);
  if (!log.ok()) Die(log.status());
  Bench bench(**log, bytes);
  std::vector<absl::Duration> one;
  bench.Append(500, 1, "appended, one at a time", &one);
  std::vector<absl::Duration> many;
  bench.Append(records, in_flight, "appended", &many);
  bench.QueryEnds(500);
  bench.Poll(records + 500);
  BareConsumer(options.cluster, records + 500, true, "bare consumer, same settings");
  BareConsumer(options.cluster, records + 500, false, "bare consumer, its defaults");
  return 0;
}

}  // namespace
}  // namespace throughline::log

int main(int argc, char** argv) { return throughline::log::Run(argc, argv); }

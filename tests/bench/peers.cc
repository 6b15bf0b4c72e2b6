#include "tests/bench/peers.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <fmt/format.h>

#include "libs/log/kafka/kafka_log.h"
#include "libs/log/kafka/settings.h"
#include "libs/runtime/fold/fold.h"
#include "services/throughline/layouts.h"
#include "tests/bench/fold.h"
#include "tests/bench/throughput.h"
#include "tests/support/kafka/kafka_suite.h"
#include "tests/support/test_directory.h"

namespace throughline::bench {
namespace {

constexpr char kPrefix[] = "peers";
constexpr int kPartitions = 12;

// Forwards every call, and counts what is written.
class CountingStore : public store::KeyValue {
 public:
  explicit CountingStore(store::KeyValue& base) : base_(base) {}
  bool Get(std::string_view key, std::string* value) const override { return base_.Get(key, value); }
  void Scan(std::string_view prefix, std::string_view from, const Visit& visit) const override {
    base_.Scan(prefix, from, visit);
  }
  std::unique_ptr<const KeyValue> View() const override { return base_.View(); }
  void Write(const std::vector<store::Change>& changes) override {
    rows += changes.size();
    for (const store::Change& change : changes) {
      key_bytes += change.key.size();
      value_bytes += change.value ? change.value->size() : 0;
    }
    base_.Write(changes);
  }

  size_t rows = 0;
  size_t key_bytes = 0;
  size_t value_bytes = 0;

 private:
  store::KeyValue& base_;
};

}  // namespace

void WriteCommits(const std::string& brokers, double seconds) {
  testing::KafkaSuite suite;
  const absl::Status started = suite.Start({.brokers = brokers,
                                            .replicas = 1,
                                            .services = {log::Topic::kIntake, log::Topic::kOwnership},
                                            .partitions = kPartitions,
                                            .prefix = kPrefix,
                                            .flags = {"--limits-commands", "16384"}});
  if (!started.ok()) Fail(started.ToString());
  const client::Client intake(suite.OptionsFor({log::Topic::kIntake, 0}, "ana"));
  DriveOpenCase(intake, "peers", 256, seconds);
  for (const std::string& complaint : suite.TerminateAll()) Fail(complaint);
}

std::string FoldCommits(const std::string& brokers) {
  log::KafkaLog::Options log_options;
  log_options.cluster.brokers = brokers;
  log_options.cluster.topic_prefix = kPrefix;
  const log::KafkaCluster cluster = log_options.cluster;
  auto log = log::KafkaLog::Open(std::move(log_options));
  if (!log.ok()) Fail(log.status().ToString());
  const TestDirectory directory;
  store::RocksKeyValue::Options options = StoreOptionsFor(log::Topic::kIntake);
  options.path = directory.path() + "/store";
  auto store = store::RocksKeyValue::Open(options);
  if (!store.ok()) Fail(store.status().ToString());
  CountingStore counting(**store);
  const absl::Time begun = absl::Now();
  FoldAll(**log, log::Topic::kIntake, counting);
  const double seconds = absl::ToDoubleSeconds(absl::Now() - begun);

  int64_t commits = 0;
  std::string topics;
  for (log::Topic topic : {log::Topic::kIntake, log::Topic::kOwnership}) {
    absl::StrAppend(&topics, topics.empty() ? "" : ",", "\"", log::KafkaTopicName(cluster, topic), "\"");
    for (const runtime::FoldedPosition& place : runtime::ReadFoldedPositions(**store, topic, kPartitions))
      commits += place.next;
  }
  return fmt::format(R"({{"topics":[{}],"seconds":{:.3f},"commits":{},"rows":{},"key_bytes":{},"value_bytes":{}}})",
                     topics, seconds, commits, counting.rows, counting.key_bytes, counting.value_bytes);
}

}  // namespace throughline::bench

#include "tests/bench/fold.h"

#include "absl/functional/function_ref.h"
#include "absl/time/clock.h"
#include <prometheus/registry.h>

#include "libs/log/kafka/kafka_log.h"
#include "libs/runtime/engine/engine.h"
#include "libs/runtime/engine/host.h"
#include "libs/runtime/fold/commit.h"
#include "libs/runtime/inbox.h"
#include "libs/store/fatal.h"
#include "services/throughline/layouts.h"
#include "tests/support/test_directory.h"

namespace throughline::bench {
namespace {

// Forwards every call, and adds up how long the calls take.
class TimedStore : public store::KeyValue {
 public:
  explicit TimedStore(store::KeyValue& base) : base_(base) {}
  bool Get(std::string_view key, std::string* value) const override {
    return Timed([&] { return base_.Get(key, value); });
  }
  void Scan(std::string_view prefix, std::string_view from, const Visit& visit) const override {
    base_.Scan(prefix, from, visit);  // not timed: its time includes the visitor, and intake's fold does not scan
  }
  std::unique_ptr<const KeyValue> View() const override { return base_.View(); }
  void Write(const std::vector<store::Change>& changes) override {
    Timed([&] { return base_.Write(changes), true; });
  }
  absl::Duration spent() const { return spent_; }

 private:
  bool Timed(absl::FunctionRef<bool()> work) const {
    const absl::Time begun = absl::Now();
    const bool result = work();
    spent_ += absl::Now() - begun;
    return result;
  }

  store::KeyValue& base_;
  mutable absl::Duration spent_;
};

std::unique_ptr<log::KafkaLog> OpenKafka(const log::KafkaCluster& cluster) {
  log::KafkaLog::Options options;
  options.cluster = cluster;
  auto log = log::KafkaLog::Open(std::move(options));
  if (!log.ok()) store::Fatal(log.status().ToString());
  return *std::move(log);
}

int32_t PartitionsOf(log::EventLog& log, log::Topic topic) {
  const absl::StatusOr<log::Identity> identity = log.Describe();
  if (!identity.ok()) store::Fatal(identity.status().ToString());
  for (const auto& known : identity->topics) {
    if (known.topic == topic) return known.partitions;
  }
  store::Fatal(log::TopicName(topic) + " is not in the log");
}

// How long it takes to pass all records of the topic to `visit`.
absl::Duration TimePass(const log::KafkaCluster& cluster, log::Topic topic, int64_t records,
                        const std::function<void(const log::Record&, int32_t partitions)>& visit) {
  const std::unique_ptr<log::KafkaLog> log = OpenKafka(cluster);
  const int32_t partitions = PartitionsOf(*log, topic);
  std::vector<log::Position> from;
  for (int32_t index = 0; index < partitions; ++index) from.push_back({{topic, index}, 0});
  auto inbox = std::make_shared<runtime::Inbox>();
  const absl::Time begun = absl::Now();
  auto subscription = log->Subscribe(std::move(from), [inbox] { inbox->Wake(); });
  if (!subscription.ok()) store::Fatal(subscription.status().ToString());
  for (int64_t seen = 0; seen < records;) {
    const absl::StatusOr<std::vector<log::RecordPtr>> some =
        (*subscription)->Poll(runtime::Engine::Limits().fold_records);
    if (!some.ok()) store::Fatal(some.status().ToString());
    if (some->empty()) inbox->Wait(absl::Milliseconds(1));
    for (const log::RecordPtr& record : *some) visit(*record, partitions);
    seen += static_cast<int64_t>(some->size());
  }
  return absl::Now() - begun;
}

}  // namespace

store::RocksKeyValue::Options StoreOptionsFor(log::Topic topic) {
  return runtime::StoreOptionsOf(*DefinitionOf(topic));
}

void FoldAll(log::EventLog& log, log::Topic topic, store::KeyValue& store, bool read_ahead) {
  std::unique_ptr<runtime::Definition> definition = DefinitionOf(topic);
  prometheus::Registry registry;
  runtime::SystemClock clock;
  runtime::Probe probe(registry, definition->folds);
  runtime::Engine engine(
      *definition,
      {.log = log, .store = store, .assignment = nullptr, .clock = clock, .probe = probe, .read_ahead = read_ahead},
      {});
  if (absl::Status status = engine.Start(); !status.ok()) store::Fatal(status.ToString());
  while (!engine.Ready()) {
    absl::StatusOr<bool> more = engine.Step();
    if (!more.ok()) store::Fatal(more.status().ToString());
    if (!*more) engine.inbox().Wait(absl::Milliseconds(1));
  }
}

FoldTimes TimeFold(const log::KafkaCluster& cluster, log::Topic topic, int64_t records) {
  const absl::Duration received = TimePass(cluster, topic, records, [](const log::Record&, int32_t) {});
  const std::unique_ptr<runtime::Definition> definition = DefinitionOf(topic);
  const absl::Duration read = TimePass(cluster, topic, records, [&](const log::Record& record, int32_t partitions) {
    if (definition->types.Unread(record)) return;
    const std::string digest = runtime::DigestOf(record);
    const absl::StatusOr<runtime::ReadCommit> commit = runtime::ReadRecord(record, definition->types, partitions);
    if (commit.ok()) runtime::ShareReading(record, digest, *commit);
  });

  const std::unique_ptr<log::KafkaLog> log = OpenKafka(cluster);
  const TestDirectory directory;
  store::RocksKeyValue::Options options = StoreOptionsFor(topic);
  options.path = directory.path() + "/store";
  auto store = store::RocksKeyValue::Open(options);
  if (!store.ok()) store::Fatal(store.status().ToString());
  TimedStore timed(**store);
  const absl::Time begun = absl::Now();
  FoldAll(*log, topic, timed, false);  // on one thread, so that the parts add up
  const absl::Duration folded = absl::Now() - begun;

  const auto each = [&](absl::Duration of) {
    return absl::ToDoubleMicroseconds(of) / static_cast<double>(std::max<int64_t>(1, records));
  };
  return {each(folded), each(received), each(read - received), each(timed.spent()),
          each(folded - read - timed.spent())};
}

}  // namespace throughline::bench

#include "libs/log/kafka/kafka_log.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "spdlog/spdlog.h"

#include "libs/log/kafka/ends.h"
#include "libs/log/kafka/group/assignment.h"
#include "libs/log/kafka/producer.h"
#include "libs/log/kafka/secrets.h"
#include "libs/log/kafka/subscription.h"
#include "libs/log/kafka/topics/layout.h"
#include "libs/log/kafka/topics/topics.h"

namespace throughline::log {
namespace {

using kafka::Client;
using kafka::Conf;
using kafka::Renewal;
using kafka::Role;
using kafka::Secrets;

KafkaSettings ProducerSettings(const KafkaLog::Options& options) {
  // Our limits apply, not those of librdkafka's queue.
  const auto records = std::min<size_t>(options.max_in_flight_records + 1, 10'000'000);
  const auto kbytes = std::min<size_t>(options.max_in_flight_bytes / 512 + 1024, 2'000'000);
  return {{"message.max.bytes", std::to_string(options.max_record_bytes + kKafkaRecordOverhead)},
          {"message.timeout.ms", std::to_string(kafka::Milliseconds(options.append_timeout))},
          {"linger.ms", std::to_string(absl::ToDoubleMilliseconds(options.linger))},
          {"queue.buffering.max.messages", std::to_string(records)},
          {"queue.buffering.max.kbytes", std::to_string(kbytes)}};
}

absl::StatusOr<Client> NewProducer(const KafkaLog::Options& options) {
  absl::StatusOr<Conf> conf = kafka::MakeConf(options.cluster, Role::kProducer);
  if (!conf.ok()) return conf.status();
  for (const auto& [name, value] : ProducerSettings(options)) {
    if (absl::Status status = kafka::Set(conf->get(), name, value); !status.ok()) return status;
  }
  rd_kafka_conf_set_events(conf->get(), RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
  return kafka::NewClient(RD_KAFKA_PRODUCER, *std::move(conf));
}

class Log final : public KafkaLog {
 public:
  // `reactions`: the topic for copies of the checkpoints; empty: none.
  Log(Options options, std::shared_ptr<const Secrets> secrets, Client query, Renewal renewal, kafka::Layout layout,
      Identity identity, std::string reactions, std::vector<Gap> accepted)
      : options_(std::move(options)),
        secrets_(std::move(secrets)),
        accepted_(std::move(accepted)),
        reactions_(std::move(reactions)),
        layout_(std::move(layout)),
        identity_(std::move(identity)),
        ends_(std::move(query), std::move(renewal), layout_, options_.query_timeout,
              [this](Client done) { reaper_.Take(std::move(done)); }) {}

  ~Log() override {
    if (const size_t left = Flush(absl::Now() + options_.close_timeout); left > 0)
      spdlog::warn("the log is closed with {} appends unanswered: whether they were written is unknown", left);
  }

  absl::Status Start() {
    auto producer = kafka::Producer::Start(
        Renewal(*secrets_, [this] { return NewProducer(options_); }), layout_,
        {options_.max_in_flight_records, options_.max_in_flight_bytes, options_.max_record_bytes});
    if (!producer.ok()) return producer.status();
    producer_ = *std::move(producer);
    return absl::OkStatus();
  }

  void Append(Partition partition, std::string key, std::string value, Appended done) override {
    producer_->Append(partition, std::move(key), std::move(value), std::move(done));
  }

  absl::StatusOr<std::unique_ptr<Subscription>> Subscribe(std::vector<Position> from,
                                                          std::function<void()> wake) override {
    std::set<Partition> seen;
    for (const Position& p : from) {
      if (absl::Status s = layout_.Check(p.partition); !s.ok()) return s;
      if (!seen.insert(p.partition).second) return absl::InvalidArgumentError("a partition is named twice");
    }
    Renewal renewal(*secrets_, [this] { return kafka::NewReaderClient(options_.cluster); });
    absl::StatusOr<Client> client = renewal.Make();
    if (!client.ok()) return client.status();
    return std::make_unique<kafka::KafkaSubscription>(*std::move(client), std::move(renewal), layout_, accepted_, from,
                                                      std::move(wake),
                                                      [this](Client done) { reaper_.Take(std::move(done)); });
  }

  void QueryEnds(std::vector<Partition> partitions, Ends done) override {
    ends_.Query(std::move(partitions), std::move(done));
  }

  absl::StatusOr<Identity> Describe() override { return identity_; }

  size_t Flush(absl::Time deadline) override { return producer_ == nullptr ? 0 : producer_->Flush(deadline); }

  absl::StatusOr<std::unique_ptr<PartitionAssignment>> AssignPartitions(std::string group,
                                                                        std::vector<Topic> topics) override {
    for (Topic topic : topics) {
      if (absl::Status status = layout_.Check({topic, 0}); !status.ok()) return status;
    }
    const auto own = std::find_if(std::begin(kTopics), std::end(kTopics), [&](Topic topic) {
      return group == absl::StrCat("throughline.", std::string(ServiceName(topic)));
    });
    if (own == std::end(kTopics)) return absl::InvalidArgumentError("no service has the group " + group);
    group = KafkaGroupName(options_.cluster, group);
    return kafka::KafkaAssignment::Make(
        [this, group]() -> absl::StatusOr<Conf> {
          absl::StatusOr<Conf> conf = kafka::MakeConf(options_.cluster, Role::kMember);
          if (!conf.ok()) return conf.status();
          if (absl::Status status = kafka::Set(conf->get(), "group.id", group); !status.ok()) return status;
          return conf;
        },
        *secrets_, layout_, *own, std::move(topics), options_.query_timeout,
        std::make_unique<kafka::ReactionNotes>(options_.cluster, *secrets_, reactions_, group, layout_));
  }

  std::shared_ptr<const Secrets> secrets() const override { return secrets_; }

  State state() const override {
    const kafka::Producer::State state = producer_->state();
    return {state.in_flight_records, state.in_flight_bytes, state.made, state.unknown};
  }

 private:
  const Options options_;
  const std::shared_ptr<const Secrets> secrets_;
  const std::vector<Gap> accepted_;
  const std::string reactions_;
  const kafka::Layout layout_;
  const Identity identity_;
  kafka::Reaper reaper_;
  kafka::Ends ends_;
  std::unique_ptr<kafka::Producer> producer_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<KafkaLog>> KafkaLog::Open(Options options) {
  const absl::Time deadline = absl::Now() + options.open_timeout;
  auto secrets = std::make_shared<const Secrets>(options.cluster);
  Renewal renewal(*secrets, [cluster = options.cluster] { return kafka::NewQueryClient(cluster); });
  absl::StatusOr<Client> query = renewal.Make();
  if (!query.ok()) return query.status();

  std::sort(options.topics.begin(), options.topics.end());
  std::vector<std::string> names;
  for (Topic topic : options.topics) names.push_back(KafkaTopicName(options.cluster, topic));
  names.push_back(KafkaReactionsTopicName(options.cluster));
  names.push_back(KafkaGapsTopicName(options.cluster));
  auto facts = kafka::ReadTopics(query->get(), names, options.check_topics, deadline - absl::Now());
  if (!facts.ok()) return facts.status();

  const TopicExpectation expected{.partitions = options.partitions, .max_record_bytes = options.max_record_bytes};
  std::vector<TopicFinding> findings;
  kafka::Layout layout;
  Identity identity;
  const kafka::TopicFacts& reactions = (*facts)[options.topics.size()];
  if (options.check_topics) {
    findings = kafka::JudgeReactionsTopic(reactions, options.cluster.brokers);
    for (TopicFinding& finding : kafka::JudgeGapsTopic(facts->back(), options.cluster.brokers))
      findings.push_back(std::move(finding));
  }
  for (size_t i = 0; i < options.topics.size(); ++i) {
    const kafka::TopicFacts& topic = (*facts)[i];
    if (options.check_topics || topic.partitions == 0) {
      for (TopicFinding& finding : kafka::JudgeTopic(topic, expected, options.cluster.brokers))
        findings.push_back(std::move(finding));
    }
    layout.Add(options.topics[i], names[i], topic.partitions);
    identity.topics.push_back({options.topics[i], "", topic.partitions});  // librdkafka does not provide topic ids
  }
  if (absl::Status status = kafka::RefuseFindings(findings); !status.ok()) return status;

  char* cluster_id = rd_kafka_clusterid(query->get(), kafka::Milliseconds(deadline - absl::Now()));
  if (cluster_id == nullptr) return absl::UnavailableError("the Kafka cluster did not answer its id; try again");
  identity.cluster_id = cluster_id;
  rd_kafka_mem_free(query->get(), cluster_id);

  absl::StatusOr<std::vector<AcceptedGap>> gaps = ReadGaps(options.cluster, deadline - absl::Now());
  if (!gaps.ok()) return gaps.status();
  std::vector<Gap> accepted = options.also_accepted;
  for (const AcceptedGap& gap : *gaps) {
    accepted.push_back(gap.gap);
    spdlog::warn("accepted gap {}: {}", GapText(gap.gap), gap.how);
  }
  std::sort(accepted.begin(), accepted.end());

  auto log = std::make_unique<Log>(std::move(options), std::move(secrets), *std::move(query), std::move(renewal),
                                   std::move(layout), std::move(identity),
                                   reactions.partitions > 0 ? reactions.name : "", std::move(accepted));
  if (absl::Status status = log->Start(); !status.ok()) return status;
  return log;
}

}  // namespace throughline::log

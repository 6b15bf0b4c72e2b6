#include "libs/log/kafka/topics/topics.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "libs/log/kafka/test_support.h"

namespace throughline::log {
namespace {

kafka::TopicFacts Good() {
  return {.name = "throughline.intake.log",
          .partitions = 12,
          .replication = 3,
          .config = {{"cleanup.policy", "delete"},
                     {"retention.ms", "-1"},
                     {"retention.bytes", "-1"},
                     {"unclean.leader.election.enable", "false"},
                     {"max.message.bytes", "2097152"},
                     {"min.insync.replicas", "2"}}};
}

std::vector<TopicFinding> Judge(const kafka::TopicFacts& facts) {
  return kafka::JudgeTopic(facts, {.partitions = 12}, "b:9092");
}

TEST(JudgeTopic, FindsNothingWrongWithAGoodOne) { EXPECT_TRUE(Judge(Good()).empty()); }

TEST(JudgeTopic, RefusesSettingsThatLoseRecords) {
  const std::pair<const char*, const char*> rows[] = {
      {"cleanup.policy", "compact"}, {"cleanup.policy", "compact,delete"}, {"retention.ms", "604800000"},
      {"retention.bytes", "1"},      {"max.message.bytes", "1048588"},     {"unclean.leader.election.enable", "true"},
      {"min.insync.replicas", "1"},  {"min.insync.replicas", "4"},
  };
  for (const auto& [name, value] : rows) {
    kafka::TopicFacts facts = Good();
    facts.config[name] = value;
    const auto findings = Judge(facts);
    ASSERT_EQ(findings.size(), 1u) << name << "=" << value;
    EXPECT_TRUE(findings[0].refused) << name;
    EXPECT_TRUE(absl::StrContains(findings[0].what, name)) << findings[0].what;
    EXPECT_TRUE(absl::StrContains(findings[0].mend, absl::StrCat("throughline.intake.log --add-config ", name)))
        << findings[0].mend;
  }
}

TEST(JudgeTopic, RefusesAnotherNumberOfPartitionsAndAMissingTopic) {
  kafka::TopicFacts facts = Good();
  facts.partitions = 6;
  ASSERT_EQ(Judge(facts).size(), 1u);
  EXPECT_TRUE(absl::StrContains(Judge(facts)[0].what, "6 partitions and not 12"));
  facts.partitions = 0;
  ASSERT_EQ(Judge(facts).size(), 1u);
  EXPECT_EQ(Judge(facts)[0].mend, "throughline topics create --brokers b:9092");
}

TEST(JudgeTopic, WarnsOfOneReplicaAndOfAnUnreadableConfiguration) {
  kafka::TopicFacts facts = Good();
  facts.replication = 1;
  facts.config["min.insync.replicas"] = "1";
  ASSERT_EQ(Judge(facts).size(), 1u);
  EXPECT_FALSE(Judge(facts)[0].refused);
  facts.config.clear();
  ASSERT_EQ(Judge(facts).size(), 1u);
  EXPECT_FALSE(Judge(facts)[0].refused);
}

TEST(JudgeTopic, RefusesTopicsThatLoseNotes) {
  const kafka::TopicFacts reactions = {
      .name = "throughline.reactions",
      .partitions = 1,
      .replication = 3,
      .config = {{"cleanup.policy", "compact"}, {"unclean.leader.election.enable", "false"}}};
  EXPECT_TRUE(kafka::JudgeReactionsTopic(reactions, "b:9092").empty());
  kafka::TopicFacts facts = reactions;
  facts.config["cleanup.policy"] = "delete";
  ASSERT_EQ(kafka::JudgeReactionsTopic(facts, "b:9092").size(), 1u);
  EXPECT_TRUE(kafka::JudgeReactionsTopic(facts, "b:9092")[0].refused);
  facts = reactions;
  facts.partitions = 2;
  EXPECT_EQ(kafka::JudgeReactionsTopic(facts, "b:9092").size(), 1u);
  facts.partitions = 0;
  ASSERT_EQ(kafka::JudgeReactionsTopic(facts, "b:9092").size(), 1u);
  EXPECT_EQ(kafka::JudgeReactionsTopic(facts, "b:9092")[0].mend, "throughline topics create --brokers b:9092");

  kafka::TopicFacts gaps = Good();
  gaps.partitions = 1;
  EXPECT_TRUE(kafka::JudgeGapsTopic(gaps, "b:9092").empty());
  gaps.config.clear();
  ASSERT_EQ(kafka::JudgeGapsTopic(gaps, "b:9092").size(), 1u);
  EXPECT_FALSE(kafka::JudgeGapsTopic(gaps, "b:9092")[0].refused);
  gaps.config = Good().config;
  gaps.config["retention.ms"] = "604800000";
  ASSERT_EQ(kafka::JudgeGapsTopic(gaps, "b:9092").size(), 1u);
  EXPECT_TRUE(kafka::JudgeGapsTopic(gaps, "b:9092")[0].refused);
}

TEST(KafkaTopicsOnABroker, AreCreatedOnceAndPassTheCheck) {
  THROUGHLINE_NEEDS_KAFKA();
  KafkaTopics topics(4);
  EXPECT_EQ(topics.names().size(), 10u) << "of four services, the log and the events; reactions and gaps";
  auto again = CreateTopics(topics.cluster(), {.partitions = 4, .replication = 1});
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->empty());
  auto findings = CheckTopics(topics.cluster(), {.partitions = 4, .events = true});
  ASSERT_TRUE(findings.ok()) << findings.status();
  for (const TopicFinding& finding : *findings) EXPECT_FALSE(finding.refused) << finding.topic << ": " << finding.what;
  auto other = CheckTopics(topics.cluster(), {.partitions = 5});
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_TRUE((*other)[0].refused);
}

TEST(KafkaTopicsOnABroker, AreRefusedByTheLogIfMissingWithTheCommandThatCreatesThem) {
  THROUGHLINE_NEEDS_KAFKA();
  KafkaLog::Options options;
  options.cluster = {.brokers = KafkaForTests(), .topic_prefix = "elsewhere"};
  const absl::Status status = KafkaLog::Open(options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(status.message(), "elsewhere.intake.log: there is no such topic")) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "throughline topics create --brokers")) << status;
}

TEST(KafkaTopicsOnABroker, AreRefusedByTheLogWithLimitedRetention) {
  THROUGHLINE_NEEDS_KAFKA();
  KafkaTopics topics;
  KafkaLog::Options options{.cluster = topics.cluster()};
  ASSERT_TRUE(KafkaLog::Open(options).ok());
  const std::string name = KafkaTopicName(topics.cluster(), Topic::kOwnership);
  Configure(topics.cluster(), name, {{"cleanup.policy", "compact"}, {"retention.ms", "60000"}});
  const absl::Status status = KafkaLog::Open(options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(status.message(), name)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "cleanup.policy is compact")) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "--add-config cleanup.policy=delete")) << status;
}

TEST(KafkaTopicsOnABroker, AreRefusedByTheLogIfAcceptedGapsWouldBeLost) {
  THROUGHLINE_NEEDS_KAFKA();
  KafkaTopics topics;
  const std::string name = KafkaGapsTopicName(topics.cluster());
  Configure(topics.cluster(), name, {{"retention.ms", "60000"}});
  const absl::Status status = KafkaLog::Open({.cluster = topics.cluster()}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(status.message(), name + ": retention.ms is 60000")) << status;
}

TEST(KafkaTopicsOnABroker, ATruncatedLogIsOutOfRange) {
  THROUGHLINE_NEEDS_KAFKA();
  KafkaTopics topics;
  KafkaContractLog log(KafkaLog::Options{.cluster = topics.cluster()});
  Happenings happenings(log);
  Appends appends(log, happenings);
  for (int i = 0; i < 10; ++i) appends.Begin({Topic::kIntake, 0}, "k", std::to_string(i));
  appends.MustSucceed();

  auto client = kafka::NewQueryClient(topics.cluster());
  kafka::Partitions before(rd_kafka_topic_partition_list_new(1));
  const std::string name = KafkaTopicName(topics.cluster(), Topic::kIntake);
  rd_kafka_topic_partition_list_add(before.get(), name.c_str(), 0)->offset = 5;
  rd_kafka_DeleteRecords_t* deletion = rd_kafka_DeleteRecords_new(before.get());
  const kafka::Queue queue(rd_kafka_queue_new(client->get()));
  rd_kafka_DeleteRecords(client->get(), &deletion, 1, nullptr, queue.get());
  const kafka::Event done(rd_kafka_queue_poll(queue.get(), 10'000));
  rd_kafka_DeleteRecords_destroy(deletion);
  ASSERT_NE(done, nullptr);
  ASSERT_EQ(rd_kafka_event_error(done.get()), RD_KAFKA_RESP_ERR_NO_ERROR);

  int wakes = 0;
  auto subscription = log.log().Subscribe({{{Topic::kIntake, 0}, 0}}, [&] { happenings.Change([&] { ++wakes; }); });
  ASSERT_TRUE(subscription.ok());
  absl::Status status;
  for (int seen = 0; status.ok(); ++seen) {
    auto polled = (*subscription)->Poll(10);
    status = polled.status();
    if (!polled.ok()) break;
    ASSERT_TRUE(polled->empty());
    ASSERT_TRUE(happenings.Wait([&] { return wakes > seen; })) << "no wake for the error";
  }
  EXPECT_EQ(status.code(), absl::StatusCode::kOutOfRange) << status;
  Follower rest(log, happenings, {{{Topic::kIntake, 0}, 5}});
  EXPECT_EQ(rest.ReadUntil(5).front()->value, "5");
}

}  // namespace
}  // namespace throughline::log

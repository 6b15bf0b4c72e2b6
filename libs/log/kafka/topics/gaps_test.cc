// Gaps that a foreign transaction leaves, and that an operator accepts.

#include "libs/log/kafka/topics/gaps.h"

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/log/kafka/test_support.h"

namespace throughline::log {
namespace {

constexpr Partition kWritten{Topic::kIntake, 0};

TEST(Gap, SurvivesARoundTripAsText) {
  for (Topic topic : kTopics) {
    const Gap gap{{topic, 11}, 5, 123456789012};
    absl::StatusOr<Gap> read = ParseGap(GapText(gap));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, gap);
  }
  for (const char* wrong :
       {"", "5-6", "throughline.intake.log/0@6-5", "throughline.intake.log/0@5", "x/0@5-6",
        "throughline.intake.log/-1@5-6", "throughline.intake.log/0@05-6", "throughline.intake.log/0@5-6 "}) {
    EXPECT_EQ(ParseGap(wrong).status().code(), absl::StatusCode::kInvalidArgument) << wrong;
  }
}

TEST(Gap, IsCoveredByAcceptedGapsOnly) {
  const std::vector<Gap> accepted = {
      {kWritten, 5, 5}, {kWritten, 6, 8}, {kWritten, 10, 10}, {{Topic::kIntake, 1}, 9, 9}};
  EXPECT_THAT(kafka::Cover(accepted, {kWritten, 5, 8}), testing::ElementsAre(Gap{kWritten, 5, 5}, Gap{kWritten, 6, 8}));
  EXPECT_THAT(kafka::Cover(accepted, {kWritten, 7, 7}), testing::ElementsAre(Gap{kWritten, 7, 7}));
  EXPECT_THAT(kafka::Cover(accepted, {kWritten, 6, 10}), testing::IsEmpty()) << "9 is another partition's";
  EXPECT_THAT(kafka::Cover(accepted, {kWritten, 4, 5}), testing::IsEmpty());
}

// One record and, behind it, the marker of its transaction's end.
void WriteInATransaction(const KafkaCluster& cluster, bool commit) {
  auto conf = kafka::MakeConf(cluster, kafka::Role::kProducer);
  ASSERT_TRUE(kafka::Set(conf->get(), "transactional.id", "foreign").ok());
  auto producer = *kafka::NewClient(RD_KAFKA_PRODUCER, *std::move(conf));
  kafka::Error error(rd_kafka_init_transactions(producer.get(), 30'000));
  ASSERT_EQ(error, nullptr) << rd_kafka_error_string(error.get());
  error.reset(rd_kafka_begin_transaction(producer.get()));
  ASSERT_EQ(error, nullptr);
  const std::string topic = KafkaTopicName(cluster, Topic::kIntake);
  ASSERT_EQ(rd_kafka_producev(producer.get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(0),
                              RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                              RD_KAFKA_V_VALUE(const_cast<char*>("foreign"), 7), RD_KAFKA_V_END),
            RD_KAFKA_RESP_ERR_NO_ERROR);
  ASSERT_EQ(rd_kafka_flush(producer.get(), 30'000), RD_KAFKA_RESP_ERR_NO_ERROR);
  error.reset(commit ? rd_kafka_commit_transaction(producer.get(), 30'000)
                     : rd_kafka_abort_transaction(producer.get(), 30'000));
  ASSERT_EQ(error, nullptr) << rd_kafka_error_string(error.get());
}

// Reads from the first record on until `offset` is passed, or until an error.
absl::Status ReadPast(KafkaContractLog& log, int64_t offset, std::vector<RecordPtr>& records) {
  Happenings happenings(log);
  int wakes = 0;
  auto reader = log.log().Subscribe({{kWritten, 0}}, [&] { happenings.Change([&] { ++wakes; }); });
  if (!reader.ok()) return reader.status();
  for (int seen = 0;; ++seen) {
    auto polled = (*reader)->Poll(10);
    if (!polled.ok()) return polled.status();
    records.insert(records.end(), polled->begin(), polled->end());
    if (!records.empty() && records.back()->offset >= offset) return absl::OkStatus();
    if (!happenings.Wait([&] { return wakes > seen; })) return absl::DeadlineExceededError("no wake");
  }
}

TEST(Gap, OfAForeignTransactionIsNamedAndCanBeAccepted) {
  THROUGHLINE_NEEDS_KAFKA();
  KafkaTopics topics;
  const KafkaLog::Options options{.cluster = topics.cluster()};
  KafkaContractLog log(options);
  Happenings happenings(log);
  Appends appends(log, happenings);
  appends.Begin(kWritten, "k", "ours");
  appends.MustSucceed();
  WriteInATransaction(topics.cluster(), true);  // the record at 1, the marker at 2
  std::vector<RecordPtr> records;
  absl::Status status = ReadPast(log, 2, records);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << "although nothing stands behind it yet: " << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "transactional.id")) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "accept-gap throughline.intake.log/0@2-2 ")) << status;

  const absl::Duration patience = absl::Seconds(20);
  for (const Gap& wrong : {Gap{kWritten, 1, 2}, Gap{kWritten, 0, 0}}) {
    const absl::Status refused = AcceptGap(topics.cluster(), {wrong, "by a test"}, patience);
    EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition) << GapText(wrong) << refused;
  }
  const std::string kept_in = KafkaGapsTopicName(topics.cluster());
  Configure(topics.cluster(), kept_in, {{"retention.ms", "60000"}});
  status = AcceptGap(topics.cluster(), {{kWritten, 2, 2}, "by a test"}, patience);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << "it would be forgotten: " << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "--add-config retention.ms=-1")) << status;
  Configure(topics.cluster(), kept_in, {{"retention.ms", "-1"}});
  EXPECT_TRUE(ReadGaps(topics.cluster(), patience)->empty());
  status = AcceptGap(topics.cluster(), {{kWritten, 2, 2}, "by a test"}, patience);
  ASSERT_TRUE(status.ok()) << status;
  absl::StatusOr<std::vector<AcceptedGap>> kept = ReadGaps(topics.cluster(), patience);
  ASSERT_TRUE(kept.ok()) << kept.status();
  ASSERT_EQ(kept->size(), 1u);
  EXPECT_EQ(kept->front().how, "by a test");

  KafkaContractLog later(options);
  records.clear();
  status = ReadPast(later, 2, records);
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[1]->value, "foreign");
  EXPECT_EQ(records[2]->gap, 1);
  EXPECT_EQ(records[2]->offset, 2);

  // Another one is not accepted with it.
  WriteInATransaction(topics.cluster(), false);
  records.clear();
  status = ReadPast(later, 4, records);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "throughline.intake.log/0@4-4 ")) << status;
}

}  // namespace
}  // namespace throughline::log

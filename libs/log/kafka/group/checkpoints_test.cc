// The checkpoints of a service when its group's offsets are gone, and their copies as well.

#include "libs/log/kafka/group/checkpoints.h"

#include "absl/strings/match.h"
#include "gtest/gtest.h"

#include "libs/log/kafka/test_support.h"

namespace throughline::log {
namespace {

constexpr char kGroup[] = "throughline.intake";
constexpr absl::Duration kPatience = absl::Seconds(20);
const std::vector<Topic> kFolded = {Topic::kIntake, Topic::kOwnership};

void Write(KafkaContractLog& log, Partition partition, int count) {
  Happenings happenings(log);
  Appends appends(log, happenings);
  for (int i = 0; i < count; ++i) appends.Begin(partition, "k", "value");
  appends.MustSucceed();
}

// The checkpoints that a replica starts with, or why it does not start.
absl::StatusOr<std::map<Partition, int64_t>> Join(KafkaContractLog& log) {
  Happenings happenings(log);
  std::map<Partition, int64_t> positions;
  auto assignment = log.log().AssignPartitions(kGroup, kFolded);
  if (!assignment.ok()) return assignment.status();
  (*assignment)->Start([&](const std::vector<Position>& held) {
    happenings.Change([&] {
      for (const Position& position : held) positions[position.partition] = position.offset;
    });
  });
  if (!happenings.Wait([&] { return positions.size() == 6; })) return absl::DeadlineExceededError("no share");
  (*assignment).reset();
  return positions;
}

void LoseNotes(const KafkaCluster& cluster) {
  auto client = kafka::NewQueryClient(cluster);
  rd_kafka_DeleteTopic_t* topic = rd_kafka_DeleteTopic_new(KafkaReactionsTopicName(cluster).c_str());
  const kafka::Queue queue(rd_kafka_queue_new(client->get()));
  rd_kafka_DeleteTopics(client->get(), &topic, 1, nullptr, queue.get());
  const kafka::Event done(rd_kafka_queue_poll(queue.get(), 10'000));
  rd_kafka_DeleteTopic_destroy(topic);
  ASSERT_NE(done, nullptr);
  const absl::Time deadline = absl::Now() + kPatience;
  while (absl::Now() < deadline) {
    auto made = CreateTopics(cluster, {.partitions = 3, .replication = 1});
    if (made.ok() && !made->empty()) return;
  }
  FAIL() << "the topic of notes is not made anew";
}

class KafkaReactions : public testing::Test {
 protected:
  void SetUp() override {
    THROUGHLINE_NEEDS_KAFKA();
    topics_ = std::make_unique<KafkaTopics>();
    log_ = std::make_unique<KafkaContractLog>(KafkaLog::Options{.cluster = topics_->cluster()});
  }
  const KafkaCluster& cluster() const { return topics_->cluster(); }
  KafkaContractLog& log() { return *log_; }

 private:
  std::unique_ptr<KafkaTopics> topics_;
  std::unique_ptr<KafkaContractLog> log_;
};

TEST_F(KafkaReactions, BeginAtTheFirstRecordIfTheServiceHasWrittenNothing) {
  Write(log(), {Topic::kOwnership, 1}, 4);  // another service's
  const auto positions = Join(log());
  ASSERT_TRUE(positions.ok()) << positions.status();
  EXPECT_EQ(positions->at({Topic::kOwnership, 1}), 0);
  Write(log(), {Topic::kIntake, 0}, 1);
  ForgetGroup(cluster(), kGroup);
  EXPECT_TRUE(Join(log()).ok()) << "it is noted that all positions are noted";
}

TEST_F(KafkaReactions, AreRefusedWhenOffsetsAndCopiesAreLost) {
  ASSERT_TRUE(Join(log()).ok());
  Write(log(), {Topic::kIntake, 0}, 3);
  ForgetGroup(cluster(), kGroup);
  LoseNotes(cluster());
  const absl::Status refused = Join(log()).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition) << refused;
  EXPECT_TRUE(absl::StrContains(refused.message(), "throughline log react-since intake ")) << refused;
  EXPECT_EQ(Join(log()).status(), refused) << "trying again does not help";

  absl::SleepFor(absl::Milliseconds(5));  // the log's records have milliseconds
  const absl::Time since = absl::Now();
  absl::SleepFor(absl::Milliseconds(5));
  Write(log(), {Topic::kIntake, 0}, 2);
  Write(log(), {Topic::kOwnership, 2}, 1);
  const auto behind = ReactSince(cluster(), Topic::kIntake, since, "by a test", kPatience);
  ASSERT_TRUE(behind.ok()) << behind.status();
  EXPECT_EQ(*behind, 3);
  const auto positions = Join(log());
  ASSERT_TRUE(positions.ok()) << positions.status();
  EXPECT_EQ(positions->at({Topic::kIntake, 0}), 3) << "what is older is not reacted to again";
  EXPECT_EQ(positions->at({Topic::kOwnership, 2}), 0) << "and what is newer is reacted to";
  EXPECT_EQ(positions->at({Topic::kIntake, 1}), 0);
  EXPECT_EQ(ReactSince(cluster(), Topic::kIntake, since, "again", kPatience).status().code(),
            absl::StatusCode::kFailedPrecondition)
      << "what is known is not changed";
}

TEST_F(KafkaReactions, AreCopiedFromTheGroupWhenOnlyTheCopiesAreLost) {
  {
    auto assignment = log().log().AssignPartitions(kGroup, kFolded);
    ASSERT_TRUE(assignment.ok()) << assignment.status();
    Happenings happenings(log());
    bool held = false;
    (*assignment)->Start([&](const std::vector<Position>& share) {
      happenings.Change([&] { held = share.size() == 6; });
    });
    ASSERT_TRUE(happenings.Wait([&] { return held; }));
    Write(log(), {Topic::kIntake, 0}, 3);
    (*assignment)->Checkpoint({{{Topic::kIntake, 0}, 2}});
  }
  LoseNotes(cluster());
  // Noted before it has a share: all may stop again at once.
  ASSERT_TRUE(log().log().AssignPartitions(kGroup, kFolded).ok());
  ForgetGroup(cluster(), kGroup);
  const auto positions = Join(log());
  ASSERT_TRUE(positions.ok()) << positions.status();
  EXPECT_EQ(positions->at({Topic::kIntake, 0}), 2);
}

TEST(KafkaNotes, ReportFailedWrites) {
  MockKafka mock;
  constexpr int16_t kProduce = 0;
  const kafka::Secrets secrets;
  kafka::NoteWriter writer(mock.options().cluster, secrets, KafkaTopicName(mock.options().cluster, Topic::kIntake));
  ASSERT_TRUE(writer.Write({"k", "1"}).ok());
  EXPECT_TRUE(writer.Flush(kPatience).ok());
  rd_kafka_mock_push_request_errors(*mock, kProduce, 1, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  ASSERT_TRUE(writer.Write({"k", "2"}).ok());
  EXPECT_EQ(writer.Flush(kPatience).code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(writer.Flush(kPatience).ok()) << "it is said once";
}

}  // namespace
}  // namespace throughline::log

// PartitionAssignment by consumer group, on a real broker.

#include <map>
#include <set>

#include "gtest/gtest.h"

#include "libs/log/kafka/test_support.h"

namespace throughline::log {
namespace {

// One replica with its log.
class Replica {
 public:
  explicit Replica(const KafkaLog::Options& options) : log_(options), happenings_(log_) {
    auto assignment = log_.log().AssignPartitions("throughline.intake", {Topic::kIntake, Topic::kOwnership});
    EXPECT_TRUE(assignment.ok()) << assignment.status();
    assignment_ = *std::move(assignment);
    assignment_->Start([this](std::vector<Position> held) { happenings_.Change([&] { held_ = std::move(held); }); });
  }
  bool WaitUntilHeld(size_t count) {
    return WaitUntilHeldIs([count](size_t held) { return held == count; });
  }
  bool WaitUntilHeldIs(const std::function<bool(size_t)>& so) {
    return happenings_.Wait([&] { return so(held_.size()); });
  }
  std::vector<Position> held() {
    std::vector<Position> held;
    happenings_.Change([&] { held = held_; });
    return held;
  }
  PartitionAssignment& assignment() { return *assignment_; }

 private:
  KafkaContractLog log_;
  Happenings happenings_;
  std::vector<Position> held_;
  std::unique_ptr<PartitionAssignment> assignment_;
};

std::set<Partition> PartitionsOf(const std::vector<Position>& held) {
  std::set<Partition> partitions;
  for (const Position& position : held) partitions.insert(position.partition);
  return partitions;
}

void SharesOutAndRemembers(const KafkaLog::Options& options) {
  auto first = std::make_unique<Replica>(options);
  ASSERT_TRUE(first->WaitUntilHeld(6)) << "one replica alone has all partitions";
  for (const Position& position : first->held()) EXPECT_EQ(position.offset, 0);
  first->assignment().Checkpoint({{{Topic::kIntake, 0}, 7}, {{Topic::kOwnership, 2}, 5}});

  {
    Replica second(options);
    // By range: of each topic's 3 partitions one gets 2, the other 1, by the order of names that the broker makes up.
    ASSERT_TRUE(second.WaitUntilHeldIs([](size_t count) { return count == 2 || count == 4; }));
    ASSERT_TRUE(first->WaitUntilHeld(6 - second.held().size()));
    std::set<Partition> both = PartitionsOf(first->held());
    both.merge(PartitionsOf(second.held()));
    EXPECT_EQ(both.size(), 6u) << "every partition has exactly one replica";
    first.reset();
    ASSERT_TRUE(second.WaitUntilHeld(6)) << "a replica that leaves is replaced at once";
    std::map<Partition, int64_t> positions;
    for (const Position& position : second.held()) positions[position.partition] = position.offset;
    EXPECT_EQ((positions[{Topic::kIntake, 0}]), 7);
    EXPECT_EQ((positions[{Topic::kOwnership, 2}]), 5);
    EXPECT_EQ((positions[{Topic::kIntake, 1}]), 0);
    second.assignment().Checkpoint({{{Topic::kIntake, 1}, 9}});
  }
  Replica third(options);
  ASSERT_TRUE(third.WaitUntilHeld(6));
  std::map<Partition, int64_t> positions;
  for (const Position& position : third.held()) positions[position.partition] = position.offset;
  EXPECT_EQ((positions[{Topic::kIntake, 1}]), 9) << "what was committed just before leaving is kept";
  EXPECT_EQ((positions[{Topic::kIntake, 0}]), 7);
}

std::map<Partition, int64_t> PositionsOf(Replica& replica) {
  std::map<Partition, int64_t> positions;
  for (const Position& position : replica.held()) positions[position.partition] = position.offset;
  return positions;
}

TEST(KafkaAssignment, ContinuesAtItsCheckpointsWhenTheBrokerDeletesTheGroup) {
  THROUGHLINE_NEEDS_KAFKA();
  KafkaTopics topics;
  KafkaLog::Options options;
  options.cluster = topics.cluster();
  for (int64_t day = 1; day <= 2; ++day) {
    {
      Replica replica(options);
      ASSERT_TRUE(replica.WaitUntilHeld(6));
      replica.assignment().Checkpoint({{{Topic::kIntake, 0}, 7 * day}});
      replica.assignment().Checkpoint({{{Topic::kIntake, 0}, 7 * day + 1}, {{Topic::kOwnership, 2}, 5 * day}});
    }
    ForgetGroup(topics.cluster(), "throughline.intake");
    Replica later(options);
    ASSERT_TRUE(later.WaitUntilHeld(6));
    std::map<Partition, int64_t> positions = PositionsOf(later);
    EXPECT_EQ((positions[{Topic::kIntake, 0}]), 7 * day + 1) << "on day " << day;
    EXPECT_EQ((positions[{Topic::kOwnership, 2}]), 5 * day) << "on day " << day;
    EXPECT_EQ((positions[{Topic::kIntake, 1}]), 0) << "nothing was ever done";
  }
}

TEST(KafkaAssignment, CopiesTheCheckpointsOfTheGroup) {
  THROUGHLINE_NEEDS_KAFKA();
  KafkaTopics topics;
  KafkaLog::Options options;
  options.cluster = topics.cluster();
  {
    auto conf = kafka::MakeConf(topics.cluster(), kafka::Role::kMember);
    ASSERT_TRUE(kafka::Set(conf->get(), "group.id", KafkaGroupName(topics.cluster(), "throughline.intake")).ok());
    auto before = kafka::NewClient(RD_KAFKA_CONSUMER, *std::move(conf));
    const kafka::Partitions list(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(list.get(), KafkaTopicName(topics.cluster(), Topic::kIntake).c_str(), 1)->offset =
        4;
    ASSERT_EQ(rd_kafka_commit(before->get(), list.get(), 0), RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  {
    Replica upgraded(options);
    ASSERT_TRUE(upgraded.WaitUntilHeld(6));
    EXPECT_EQ((PositionsOf(upgraded)[{Topic::kIntake, 1}]), 4);
  }
  ForgetGroup(topics.cluster(), "throughline.intake");
  Replica later(options);
  ASSERT_TRUE(later.WaitUntilHeld(6));
  EXPECT_EQ((PositionsOf(later)[{Topic::kIntake, 1}]), 4);
}

TEST(KafkaAssignment, OnARealBroker) {
  THROUGHLINE_NEEDS_KAFKA();
  KafkaTopics topics;
  KafkaLog::Options options;
  options.cluster = topics.cluster();
  SharesOutAndRemembers(options);
}

}  // namespace
}  // namespace throughline::log

// `throughline verify` on a real Kafka: it passes for the service's topics, and for a copy with one defect it fails and
// names the place.

#include <functional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/log/kafka/topics/topics.h"
#include "tests/faults/matrix/audit.h"
#include "tests/faults/matrix/foreign.h"
#include "tests/support/failover.h"
#include "tests/support/kafka/kafka_process.h"
#include "tests/support/kafka/kafka_suite.h"
#include "tests/support/test_directory.h"
#include "throughline/intake/v1/commands.pb.h"

namespace throughline::faults {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr log::Topic kTopic = log::Topic::kIntake;
constexpr int32_t kPartitions = 2;
constexpr int kInteractions = 12;

class VerifyOnKafka : public ::testing::Test {
 protected:
  static absl::StatusOr<std::string> CaseWithInteractions(const testing::Failover& ana) {
    intake::v1::OpenCaseRequest opening;
    opening.set_customer_id("C-7");
    opening.set_subject("Where is it?");
    opening.set_text("Promised for Friday");
    opening.set_channel(intake::v1::CHANNEL_PHONE);
    const auto opened = ana.Call<intake::v1::OpenCaseResponse>(opening);
    if (!opened.ok()) return opened.status();
    for (int i = 0; i < kInteractions; ++i) {
      intake::v1::RecordInteractionRequest interaction;
      interaction.set_case_id(opened->case_id());
      interaction.set_channel(intake::v1::CHANNEL_PHONE);
      interaction.set_direction(intake::v1::DIRECTION_OUTBOUND);
      interaction.set_text("We look into it");
      const auto recorded = ana.Call<intake::v1::RecordInteractionResponse>(interaction);
      if (!recorded.ok()) return recorded.status();
    }
    return "case/" + opened->case_id();
  }

  // One case with interactions. Its service has stopped, so that its store is complete.
  void SetUp() override {
    const absl::StatusOr<std::string> brokers = testing::SharedKafka();
    SKIP_WITHOUT_KAFKA(brokers.status());
    brokers_ = *brokers;
    const absl::Status started =
        suite_.Start({.brokers = brokers_, .replicas = 1, .services = {kTopic}, .partitions = kPartitions});
    ASSERT_TRUE(started.ok()) << started;
    const absl::StatusOr<std::string> stream = CaseWithInteractions(testing::Failover(suite_, "ana"));
    ASSERT_TRUE(stream.ok()) << stream.status();
    stream_ = *stream;
    EXPECT_EQ(suite_.Terminate({kTopic, 0}), 0);
    Audit audit(brokers_, suite_.prefix(), kPartitions);
    const absl::Status read = audit.Read();
    ASSERT_TRUE(read.ok()) << read;
    for (const log::Record& record : audit.records()) {
      if (record.key == stream_) records_.push_back(record);
    }
    ASSERT_EQ(records_.size(), 1u + kInteractions);
  }

  // Creates topics with another prefix and these records.
  std::string Copy(const std::vector<log::Record>& records) const {
    const log::KafkaCluster copy{.brokers = brokers_, .topic_prefix = absl::StrCat(suite_.prefix(), "-copy")};
    const auto made = log::CreateTopics(copy, {.partitions = kPartitions, .replication = 1});
    EXPECT_TRUE(made.ok()) << made.status();
    std::vector<ForeignRecord> written;
    for (const log::Record& record : records) written.push_back({record.partition, record.key, record.value});
    const absl::Status produced = Produce(brokers_, copy.topic_prefix, written);
    EXPECT_TRUE(produced.ok()) << produced;
    return copy.topic_prefix;
  }

  // Compares with the store of the service that folded the original, or with none.
  testing::Finished Verify(const std::string& prefix, bool compare) const {
    std::vector<std::string> command = {
        testing::Program("throughline"), "verify", "--brokers", brokers_, "--prefix", prefix};
    if (compare) command.insert(command.end(), {"--compare", suite_.data({kTopic, 0})});
    return testing::Run(command);
  }

  std::string Place(size_t record) const {
    return absl::StrCat("throughline.intake.log/", records_[record].partition.index, "@", records_[record].offset);
  }

  std::string brokers_;
  testing::KafkaSuite suite_;
  std::string stream_;
  std::vector<log::Record> records_;  // the case's, in order; the topics hold nothing else
};

TEST_F(VerifyOnKafka, PassesForTheServicesTopics) {
  const testing::Finished verified = Verify(suite_.prefix(), true);
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  EXPECT_THAT(verified.out, HasSubstr("holds"));
}

TEST_F(VerifyOnKafka, NamesAChangedByte) {
  records_[4].value.back() ^= 1;
  const testing::Finished verified = Verify(Copy(records_), true);
  EXPECT_NE(verified.exit_code, 0);
  EXPECT_THAT(verified.out, AllOf(HasSubstr("BROKEN"), HasSubstr(Place(4)), HasSubstr(stream_)));
}

TEST_F(VerifyOnKafka, WithoutAStoreSuspectsWhatFollowsAChangedByte) {
  const std::string text = "We look into it";
  std::string& value = records_[4].value;
  const size_t at = value.find(text);
  ASSERT_NE(at, std::string::npos);
  value[at] = 'H';
  const testing::Finished verified = Verify(Copy(records_), false);
  EXPECT_THAT(verified.out, AllOf(HasSubstr("SUSPECT"), HasSubstr(Place(5)), HasSubstr(stream_)));
}

TEST_F(VerifyOnKafka, NamesWhereARecordWasRemoved) {
  std::vector<log::Record> records = records_;
  records.erase(records.begin() + 4);
  const testing::Finished verified = Verify(Copy(records), true);
  EXPECT_NE(verified.exit_code, 0);
  EXPECT_THAT(verified.out, AllOf(HasSubstr("BROKEN"), HasSubstr(Place(4)), HasSubstr(stream_)));
}

TEST_F(VerifyOnKafka, NamesASwappedPair) {
  std::vector<log::Record> records = records_;
  std::swap(records[4], records[5]);
  const testing::Finished verified = Verify(Copy(records), true);
  EXPECT_NE(verified.exit_code, 0);
  EXPECT_THAT(verified.out, AllOf(HasSubstr("BROKEN"), HasSubstr(Place(4)), HasSubstr(stream_)));
}

}  // namespace
}  // namespace throughline::faults

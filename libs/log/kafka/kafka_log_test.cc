// The Kafka log under errors that librdkafka's mock cluster makes to order.

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/log/kafka/test_support.h"

namespace throughline::log {
namespace {

constexpr Partition kFirst{Topic::kIntake, 0};
constexpr int16_t kProduce = 0;  // the request's number in Kafka's protocol

class KafkaLogTest : public testing::Test {
 protected:
  void Open(KafkaLog::Options options) { under_test_ = std::make_unique<KafkaContractLog>(std::move(options)); }
  KafkaLog& log() { return under_test_->log(); }

  void Fail(int times, rd_kafka_resp_err_t error) {
    for (int i = 0; i < times; ++i) rd_kafka_mock_push_request_errors(*mock_, kProduce, 1, error);
  }
  absl::StatusOr<int64_t> AppendOne(const std::string& value) {
    Happenings happenings(*under_test_);
    Appends appends(*under_test_, happenings);
    appends.Begin(kFirst, "k", value);
    return appends.Await()[0];
  }
  absl::StatusOr<std::vector<Position>> Ends() {
    Happenings happenings(*under_test_);
    std::optional<absl::StatusOr<std::vector<Position>>> ends;
    log().QueryEnds({kFirst}, [&](auto got) { happenings.Change([&] { ends = std::move(got); }); });
    EXPECT_TRUE(happenings.Wait([&] { return ends.has_value(); }));
    return ends.value_or(absl::UnknownError("not answered"));
  }
  std::vector<std::string> Values(size_t count) {
    Happenings happenings(*under_test_);
    Follower follower(*under_test_, happenings, {{kFirst, 0}});
    std::vector<std::string> values;
    for (const RecordPtr& record : follower.ReadUntil(count)) values.push_back(record->value);
    return values;
  }

  MockKafka mock_;
  std::unique_ptr<KafkaContractLog> under_test_;
};

TEST_F(KafkaLogTest, AppendsReadsAndKnowsTheEnd) {
  Open(mock_.options());
  EXPECT_EQ(*AppendOne("a"), 0);
  EXPECT_EQ(*AppendOne("b"), 1);
  EXPECT_THAT(Values(2), testing::ElementsAre("a", "b"));
  EXPECT_EQ((*Ends())[0], (Position{kFirst, 2}));
}

TEST_F(KafkaLogTest, ABrokenProducerIsReplaced) {
  Open(mock_.options());
  EXPECT_EQ(*AppendOne("before"), 0);
  EXPECT_EQ(log().state().producers_made, 1u);
  Fail(1, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
  EXPECT_EQ(AppendOne("lost").status().code(), absl::StatusCode::kUnavailable);
  // By itself, and once: appends between the error and the new producer are unknown, none is left without an answer.
  absl::StatusOr<int64_t> after = AppendOne("after");
  for (int i = 0; i < 100 && !after.ok(); ++i) {
    EXPECT_EQ(after.status().code(), absl::StatusCode::kUnavailable);
    after = AppendOne("after");
  }
  EXPECT_EQ(*after, 1);
  EXPECT_EQ(log().state().producers_made, 2u);
  EXPECT_EQ(log().state().in_flight_records, 0u);
  EXPECT_EQ(log().state().in_flight_bytes, 0u);
}

TEST_F(KafkaLogTest, AppendsInFlightAreAnsweredWhenTheProducerBreaks) {
  Open(mock_.options());
  ASSERT_TRUE(AppendOne("before").ok());
  Fail(1, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
  Happenings happenings(*under_test_);
  Appends appends(*under_test_, happenings);
  for (int i = 0; i < 2000; ++i) appends.Begin({Topic::kIntake, i % 3}, "k", std::string(100, 'x'));
  for (const auto& offset : appends.Await()) {
    EXPECT_TRUE(offset.ok() || absl::IsUnavailable(offset.status())) << offset.status();
  }
  EXPECT_EQ(log().Flush(absl::Now() + absl::Seconds(10)), 0u);
  EXPECT_EQ(log().state().in_flight_bytes, 0u);
}

TEST_F(KafkaLogTest, AnAppendWithALateAnswerIsUnknownAndInTheLog) {
  KafkaLog::Options options = mock_.options();
  options.append_timeout = absl::Milliseconds(500);
  Open(options);
  ASSERT_TRUE(AppendOne("first").ok());
  rd_kafka_mock_broker_push_request_error_rtts(*mock_, 1, kProduce, 1, RD_KAFKA_RESP_ERR_NO_ERROR, 5000);
  EXPECT_EQ(AppendOne("unknown").status().code(), absl::StatusCode::kUnavailable);
  absl::StatusOr<int64_t> again = AppendOne("again");
  for (int i = 0; i < 20 && !again.ok(); ++i) again = AppendOne("again");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_THAT(Values(3), testing::IsSupersetOf({"first", "unknown", "again"}));
}

TEST_F(KafkaLogTest, WithTooFewReplicasNothingIsAcknowledged) {
  KafkaLog::Options options = mock_.options();
  options.append_timeout = absl::Milliseconds(500);
  Open(options);
  Fail(100, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS);
  EXPECT_EQ(AppendOne("a").status().code(), absl::StatusCode::kUnavailable);
  rd_kafka_mock_clear_request_errors(*mock_, kProduce);
  EXPECT_EQ(*AppendOne("b"), 0) << "the refused record took an offset";
  // A shorter lack is waited out.
  Fail(2, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS);
  EXPECT_EQ(*AppendOne("c"), 1);
}

TEST_F(KafkaLogTest, ARefusedRecordIsNotUnknown) {
  Open(mock_.options());
  Fail(1, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
  EXPECT_EQ(AppendOne("a").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(*AppendOne("b"), 0);
}

TEST_F(KafkaLogTest, WithoutBrokersEverythingIsAnsweredInTimeAndMemoryIsBounded) {
  KafkaLog::Options options = mock_.options();
  options.append_timeout = absl::Milliseconds(500);
  options.query_timeout = absl::Milliseconds(500);
  options.max_in_flight_records = 10;
  Open(options);
  ASSERT_TRUE(AppendOne("before").ok());
  rd_kafka_mock_broker_set_down(*mock_, -1);
  const absl::Time begin = absl::Now();
  {
    Happenings happenings(*under_test_);
    Appends appends(*under_test_, happenings);
    for (int i = 0; i < 50; ++i) appends.Begin(kFirst, "k", "v");
    int unknown = 0;
    int full = 0;
    for (const auto& offset : appends.Await()) {
      unknown += absl::IsUnavailable(offset.status());
      full += absl::IsResourceExhausted(offset.status());
    }
    EXPECT_EQ(unknown, 10);
    EXPECT_EQ(full, 40);
  }
  EXPECT_EQ(Ends().status().code(), absl::StatusCode::kUnavailable);
  EXPECT_LT(absl::Now() - begin, absl::Seconds(5));
  rd_kafka_mock_broker_set_up(*mock_, -1);
  absl::StatusOr<int64_t> after = AppendOne("after");
  for (int i = 0; i < 20 && !after.ok(); ++i) after = AppendOne("after");
  EXPECT_TRUE(after.ok()) << after.status();
  // The query client reconnects after up to a second, longer than one query's timeout.
  absl::StatusOr<std::vector<Position>> ends = Ends();
  for (int i = 0; i < 20 && !ends.ok(); ++i) ends = Ends();
  EXPECT_TRUE(ends.ok()) << ends.status();
}

TEST_F(KafkaLogTest, ClosingWithoutBrokersAnswersUnknown) {
  KafkaLog::Options options = mock_.options();
  options.close_timeout = absl::Milliseconds(100);
  Open(options);
  rd_kafka_mock_broker_set_down(*mock_, -1);
  Happenings happenings(*under_test_);
  Appends appends(*under_test_, happenings);
  for (int i = 0; i < 100; ++i) appends.Begin(kFirst, "k", "v");
  EXPECT_EQ(log().Flush(absl::Now() + absl::Milliseconds(50)), 100u);
  under_test_.reset();
  for (const auto& offset : appends.Await())
    EXPECT_EQ(offset.status().code(), absl::StatusCode::kUnavailable) << offset.status();
}

TEST_F(KafkaLogTest, NobodyAnswers) {
  KafkaLog::Options options = mock_.options();
  options.open_timeout = absl::Milliseconds(300);
  rd_kafka_mock_broker_set_down(*mock_, -1);
  EXPECT_EQ(KafkaLog::Open(options).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(KafkaLogTest, SettingsThatBreakGuaranteesAreRefused) {
  for (const char* name : {"acks", "enable.idempotence", "partitioner", "auto.offset.reset", "isolation.level",
                           "enable.auto.commit", "group.id", "transactional.id", "retries", "check.crcs"}) {
    KafkaLog::Options options = mock_.options();
    options.cluster.settings = {{name, "0"}};
    const absl::Status status = KafkaLog::Open(options).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << name;
    EXPECT_TRUE(absl::StrContains(status.message(), name)) << status;
  }
}

}  // namespace
}  // namespace throughline::log

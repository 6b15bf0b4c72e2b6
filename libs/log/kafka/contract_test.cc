// The contract on a real Apache Kafka.

#include "libs/log/kafka/test_support.h"
#include "libs/log/testing/event_log_contract.h"

namespace throughline::log {
namespace {

class RealKafkaLog : public ContractLog {
 public:
  explicit RealKafkaLog(KafkaSettings settings) : under_test_(Options(topics_, std::move(settings))) {}
  EventLog& log() override { return under_test_.log(); }
  bool Reopen() override { return under_test_.Reopen(); }

 private:
  static KafkaLog::Options Options(const KafkaTopics& topics, KafkaSettings settings) {
    KafkaLog::Options options;
    options.cluster = topics.cluster();
    options.cluster.settings = std::move(settings);
    return options;
  }

  KafkaTopics topics_;
  KafkaContractLog under_test_;
};

std::vector<ContractCase> Cases() {
  if (KafkaForTests().empty()) return {};
  return {
      {"Kafka", [] { return std::make_unique<RealKafkaLog>(KafkaSettings()); }},
      // Very little prefetched, and small requests, so that reading stops and continues all the time. A record and the
      // end after it count as two; at its limit, librdkafka pauses for a second.
      {"KafkaLittleAhead",
       [] {
         return std::make_unique<RealKafkaLog>(KafkaSettings{
             {"queued.min.messages", "3"}, {"queued.max.messages.kbytes", "2"}, {"batch.num.messages", "7"}});
       }},
  };
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(EventLogContract);
INSTANTIATE_TEST_SUITE_P(Adapters, EventLogContract, testing::ValuesIn(Cases()), CaseName);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(EventLogThreads);
INSTANTIATE_TEST_SUITE_P(Adapters, EventLogThreads, testing::ValuesIn(Cases()), CaseName);

TEST(KafkaContract, RanOnARealBroker) {
  THROUGHLINE_NEEDS_KAFKA();
  EXPECT_FALSE(Cases().empty());
}

}  // namespace
}  // namespace throughline::log

#include "libs/log/kafka/topics/brokers.h"

#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/log/kafka/test_support.h"

namespace throughline::log {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr absl::Duration kSession = absl::Seconds(6);

// The recommended settings. Tests run in the project's root.
std::map<std::string, std::string> Recommended() {
  std::ifstream file("deploy/kafka/broker.properties");
  std::map<std::string, std::string> settings;
  std::string line;
  while (std::getline(file, line)) {
    if (line.empty() || line[0] == '#') continue;
    const std::pair<std::string, std::string> setting = absl::StrSplit(line, absl::MaxSplits('=', 1));
    EXPECT_TRUE(settings.insert(setting).second) << line << " stands there twice";
  }
  EXPECT_GT(settings.size(), 10u) << "deploy/kafka/broker.properties";
  return settings;
}

std::vector<kafka::BrokerFacts> Three(const std::map<std::string, std::string>& config) {
  return {{1, config}, {2, config}, {3, config}};
}

std::vector<BrokerFinding> Judge(const std::vector<kafka::BrokerFacts>& brokers) {
  return kafka::JudgeBrokers(brokers, kSession, "b:9092");
}

TEST(JudgeBrokers, FindsNothingWrongWithWhatIsRecommended) {
  for (const BrokerFinding& finding : Judge(Three(Recommended()))) ADD_FAILURE() << finding.what;
}

TEST(JudgeBrokers, OneThatIsAwayIsARiskAndTheOthersAreJudged) {
  std::vector<kafka::BrokerFacts> brokers = Three(Recommended());
  brokers[1] = {2, {}, false};
  brokers[2].config["auto.create.topics.enable"] = "true";
  const std::vector<BrokerFinding> findings = Judge(brokers);
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_THAT(findings[0].brokers, ElementsAre(3));
  EXPECT_THAT(findings[1].brokers, ElementsAre(2));
  EXPECT_FALSE(findings[1].refused);
  EXPECT_THAT(findings[1].what, HasSubstr("does not answer"));
  EXPECT_THAT(findings[1].mend, HasSubstr("lost-broker.md"));
}

TEST(JudgeBrokers, ReportsWhatHarmsWithTheRecommendedValue) {
  const std::map<std::string, std::string> recommended = Recommended();
  const std::pair<const char*, const char*> rows[] = {
      {"unclean.leader.election.enable", "true"},
      {"auto.create.topics.enable", "true"},
      {"offsets.retention.minutes", "60"},
      {"broker.session.timeout.ms", "9000"},
      {"broker.heartbeat.interval.ms", "2000"},
      {"controller.quorum.fetch.timeout.ms", "5000"},
      {"replica.lag.time.max.ms", "30000"},
      {"replica.socket.timeout.ms", "30000"},
      {"replica.fetch.backoff.ms", "5000"},
      {"controlled.shutdown.enable", "false"},
      {"auto.leader.rebalance.enable", "false"},
      {"leader.imbalance.check.interval.seconds", "3600"},
      {"group.initial.rebalance.delay.ms", "10000"},
      {"default.replication.factor", "1"},
      {"min.insync.replicas", "1"},
      {"offsets.topic.replication.factor", "1"},
  };
  for (const auto& [name, value] : rows) {
    std::map<std::string, std::string> config = recommended;
    ASSERT_TRUE(config.contains(name)) << name << " is not in deploy/kafka/broker.properties";
    config[name] = value;
    bool found = false;
    for (const BrokerFinding& finding : Judge(Three(config))) {
      if (finding.setting != name) continue;
      found = true;
      EXPECT_FALSE(finding.refused) << name;
      EXPECT_THAT(finding.brokers, ElementsAre(1, 2, 3));
      EXPECT_THAT(finding.what, HasSubstr(absl::StrCat(name, " is ", value, ": ")));
      EXPECT_THAT(finding.mend, HasSubstr(absl::StrCat(name, "=", recommended.at(name))));
    }
    EXPECT_TRUE(found) << name << "=" << value;
  }
}

TEST(JudgeBrokers, NamesTheBrokersThatDiffer) {
  std::vector<kafka::BrokerFacts> brokers = Three(Recommended());
  brokers[1].config["broker.session.timeout.ms"] = "18000";
  const auto findings = Judge(brokers);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_THAT(findings[0].brokers, ElementsAre(2));
}

TEST(JudgeBrokers, RefusesASessionOfFewHeartbeatsAndGroupsThatServicesCannotJoin) {
  const std::pair<const char*, const char*> rows[] = {{"broker.heartbeat.interval.ms", "1000"},
                                                      {"group.min.session.timeout.ms", "8000"},
                                                      {"group.max.session.timeout.ms", "5000"}};
  for (const auto& [name, value] : rows) {
    auto config = Recommended();
    config[name] = value;
    const auto findings = Judge({{1, config}});
    ASSERT_EQ(findings.size(), 1u) << name;
    EXPECT_TRUE(findings[0].refused) << name;
    EXPECT_THAT(findings[0].mend, HasSubstr("=")) << name;
  }
}

TEST(JudgeBrokers, ExpectsNoReplicasOfASingleBrokerAndNothingOfWhatItDoesNotHave) {
  auto config = Recommended();
  config["min.insync.replicas"] = config["default.replication.factor"] = "1";
  config["offsets.topic.replication.factor"] = "1";
  EXPECT_THAT(Judge({{1, config}}), IsEmpty());
  EXPECT_THAT(Judge({{1, {{"zookeeper.connect", "z:2181"}}}}), IsEmpty()) << "an old broker without KRaft's settings";
}

TEST(JudgeBrokers, SaysThatAConfigurationCannotBeRead) {
  const auto findings = Judge({{1, Recommended()}, {2, {}}});
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_FALSE(findings[0].refused);
  EXPECT_THAT(findings[0].brokers, ElementsAre(2));
}

TEST(BrokersOfARealCluster, DescribeThemselves) {
  THROUGHLINE_NEEDS_KAFKA();
  const auto findings = CheckBrokers({.brokers = KafkaForTests()}, absl::Seconds(20));
  ASSERT_TRUE(findings.ok()) << findings.status();
  // That of scripts/kafka has what is recommended; another one has at least a readable configuration.
  for (const BrokerFinding& finding : *findings) EXPECT_NE(finding.setting, "") << finding.what;
  // The services' session is what it is compared with.
  const auto strict =
      CheckBrokers({.brokers = KafkaForTests(), .settings = {{"session.timeout.ms", "5000"}}}, absl::Seconds(20));
  ASSERT_TRUE(strict.ok()) << strict.status();
  EXPECT_TRUE(std::any_of(strict->begin(), strict->end(),
                          [](const auto& f) { return f.refused && f.setting == "group.min.session.timeout.ms"; }));
}

}  // namespace
}  // namespace throughline::log

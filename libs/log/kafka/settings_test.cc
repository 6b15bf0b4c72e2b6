#include "libs/log/kafka/settings.h"

#include <cstdlib>
#include <fstream>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/log/kafka/headers.h"
#include "tests/support/test_directory.h"
#include "throughline/log/v1/commit.pb.h"

namespace throughline::log {
namespace {

class KafkaSettingsTest : public testing::Test {
 protected:
  absl::StatusOr<KafkaSettings> Read(const std::string& text) {
    const std::string path = directory_.path() + "/kafka.properties";
    std::ofstream(path) << text;
    return ReadKafkaSettings(path);
  }
  TestDirectory directory_;
};

TEST_F(KafkaSettingsTest, ReadsNamesAndValues) {
  auto settings = Read("# TLS\n\n security.protocol = ssl\nssl.ca.pem=a=b\ncompression.type=zstd\n");
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_THAT(*settings,
              testing::ElementsAre(testing::Pair("security.protocol", "ssl"), testing::Pair("ssl.ca.pem", "a=b"),
                                   testing::Pair("compression.type", "zstd")));
}

TEST_F(KafkaSettingsTest, TakesSecretsFromTheEnvironment) {
  setenv("KAFKA_SETTINGS_TEST", "s3cret", 1);  // NOLINT(concurrency-mt-unsafe)
  auto settings = Read("sasl.password=${KAFKA_SETTINGS_TEST}\n");
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ((*settings)[0].second, "s3cret");
  EXPECT_EQ(ShownKafkaSetting("sasl.password", "s3cret"), "***");
  EXPECT_EQ(ShownKafkaSetting("sasl.username", "ana"), "ana");
  const absl::Status unset = Read("sasl.password=${KAFKA_SETTINGS_TEST_UNSET}\n").status();
  EXPECT_TRUE(absl::StrContains(unset.message(), "line 1")) << unset;
  EXPECT_TRUE(absl::StrContains(unset.message(), "KAFKA_SETTINGS_TEST_UNSET")) << unset;
}

TEST_F(KafkaSettingsTest, TakesSecretsFromFiles) {
  const std::string secret = directory_.path() + "/password";
  std::ofstream(secret) << "s3cret\n";
  auto settings = Read("sasl.password.file=" + secret + "\n");
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_THAT(*settings, testing::ElementsAre(testing::Pair("sasl.password.file", secret)));
  EXPECT_EQ(ShownKafkaSetting("sasl.password.file", secret), secret);
  const KafkaCluster cluster{.brokers = "127.0.0.1:1", .settings = *settings};
  const auto password_of = [&] {
    const auto conf = kafka::MakeConf(cluster, kafka::Role::kQuery);
    char value[64] = "";
    size_t size = sizeof value;
    EXPECT_EQ(rd_kafka_conf_get(conf->get(), "sasl.password", value, &size), RD_KAFKA_CONF_OK);
    return std::string(value);
  };
  EXPECT_EQ(password_of(), "s3cret");
  std::ofstream(secret) << "changed\n";
  EXPECT_EQ(password_of(), "changed") << "a client has what the file holds when it is made";
  const absl::Status none = Read("sasl.password.file=" + secret + ".none\n").status();
  EXPECT_TRUE(absl::StrContains(none.message(), "sasl.password.file")) << none;
  EXPECT_TRUE(absl::StrContains(none.message(), secret + ".none cannot be read")) << none;
  const absl::Status reserved = Read("acks.file=" + secret + "\n").status();
  EXPECT_TRUE(absl::StrContains(reserved.message(), "cannot be changed")) << reserved;
}

TEST_F(KafkaSettingsTest, RefusesInvalidSettings) {
  EXPECT_EQ(ReadKafkaSettings(directory_.path() + "/none").status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(absl::StrContains(Read("security.protocol\n").status().message(), "line 1"));
  EXPECT_TRUE(absl::StrContains(Read("no.such.setting=1\n").status().message(), "no.such.setting"));
  EXPECT_TRUE(absl::StrContains(Read("security.protocol=rot13\n").status().message(), "security.protocol"));
  const absl::Status reserved = Read("acks=1\n").status();
  EXPECT_TRUE(absl::StrContains(reserved.message(), "acks cannot be changed")) << reserved;
  const absl::Status tokens = Read("sasl.mechanism=OAUTHBEARER\n").status();
  EXPECT_TRUE(absl::StrContains(tokens.message(), "cannot be OAUTHBEARER")) << tokens;
}

TEST_F(KafkaSettingsTest, MakesAClientForEveryRoleAndWayToAuthenticate) {
  const KafkaSettings ways[] = {
      {},
      {{"security.protocol", "ssl"}},
      {{"security.protocol", "sasl_ssl"},
       {"sasl.mechanism", "SCRAM-SHA-512"},
       {"sasl.username", "ana"},
       {"sasl.password", "s3cret"}},
  };
  for (const KafkaSettings& settings : ways) {
    const KafkaCluster cluster{.brokers = "127.0.0.1:1", .settings = settings};
    for (auto role : {kafka::Role::kProducer, kafka::Role::kReader, kafka::Role::kMember, kafka::Role::kQuery}) {
      auto conf = kafka::MakeConf(cluster, role);
      ASSERT_TRUE(conf.ok()) << conf.status();
      ASSERT_TRUE(kafka::Set(conf->get(), "group.id", "test").ok());
      const auto type = role == kafka::Role::kProducer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER;
      const auto client = kafka::NewClient(type, *std::move(conf));
      EXPECT_TRUE(client.ok()) << client.status();
    }
  }
}

TEST(KafkaNames, FollowThePrefix) {
  const KafkaCluster cluster{.topic_prefix = "t1"};
  EXPECT_EQ(KafkaTopicName({}, Topic::kOutageNotice), TopicName(Topic::kOutageNotice));
  EXPECT_EQ(KafkaTopicName(cluster, Topic::kOutageNotice), "t1.outage-notice.log");
  EXPECT_EQ(KafkaEventsTopicName(cluster, Topic::kIntake), "t1.intake.events");
  EXPECT_EQ(KafkaGroupName(cluster, "throughline.intake"), "t1.intake");
  EXPECT_EQ(KafkaGroupName({}, "throughline.intake"), "throughline.intake");
}

TEST(CommitHeaders, DescribeTheCommit) {
  v1::Commit commit;
  commit.set_stream("case/7ZQ4");
  commit.set_version(3);
  commit.set_follows(std::string(32, 'd'));
  commit.mutable_actor()->set_id("carla");
  commit.add_events()->set_type("throughline.intake.v1.CaseOpened");
  commit.add_events()->set_type("throughline.intake.v1.NoteAdded");
  commit.mutable_events(1)->set_data("bytes");
  std::vector<std::pair<std::string, std::string>> headers;
  for (const auto& [name, value] : CommitHeaders(commit.SerializeAsString())) headers.emplace_back(name, value);
  EXPECT_THAT(headers,
              testing::ElementsAre(
                  testing::Pair("stream", "case/7ZQ4"), testing::Pair("version", "3"),
                  testing::Pair("event-types", "throughline.intake.v1.CaseOpened,throughline.intake.v1.NoteAdded"),
                  testing::Pair("content-type", "application/protobuf; messageType=throughline.log.v1.Commit")));
}

TEST(CommitHeaders, AreEmptyForOtherBytes) {
  v1::Commit commit;
  commit.set_stream("case/7ZQ4");
  commit.add_events()->set_type("throughline.intake.v1.CaseOpened");
  const std::string whole = commit.SerializeAsString();
  EXPECT_FALSE(CommitHeaders(whole).empty());
  for (size_t size = 0; size < whole.size(); ++size) EXPECT_TRUE(CommitHeaders(whole.substr(0, size)).empty()) << size;
  EXPECT_TRUE(CommitHeaders(std::string(100, '\xff')).empty());
  EXPECT_TRUE(CommitHeaders("hello").empty());
}

}  // namespace
}  // namespace throughline::log

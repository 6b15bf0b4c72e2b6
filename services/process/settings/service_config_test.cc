#include "services/process/settings/service_config.h"

#include <filesystem>
#include <fstream>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/support/suite_process.h"

namespace throughline::process {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;

struct Told {
  Settings::Outcome With(std::vector<std::string> arguments, std::vector<std::string> environment = {}) {
    config.Declare(settings);
    return settings.Try(arguments, environment);
  }
  ServiceConfig config{log::Topic::kOwnership};
  Settings settings{config.program(), "Tries."};
};

class Configured : public ::testing::Test {
 protected:
  void SetUp() override { std::ofstream(directory_.path() + "/tokens.json") << ""; }
  std::vector<std::string> Enough() const { return {"--data", directory_.path(), "--kafka-brokers", "localhost:1"}; }

  TestDirectory directory_;
};

TEST_F(Configured, NeedsOnlyDataAndBrokers) {
  Told told;
  const auto outcome = told.With(Enough());
  ASSERT_EQ(outcome.exit_code, std::nullopt) << outcome.problems.front();
  EXPECT_EQ(told.config.process.tokens, directory_.path() + "/tokens.json");
  EXPECT_FALSE(told.config.process.replica.empty());
  EXPECT_EQ(told.config.run.log.replica, told.config.process.replica);
  EXPECT_LT(told.config.process.engine.commands.record_bytes, told.config.kafka.max_record_bytes);
  EXPECT_FALSE(told.config.process.server.tls.has_value());
}

TEST_F(Configured, ReportsEveryProblemWithWhatToDo) {
  Told told;
  const auto outcome = told.With({"--tls-cert", "/no/cert", "--tokens", "/no/tokens", "--kafka-config", "/no/kafka",
                                  "--kafka-client", "acks=1", "--kafka-client", "no.such=1", "--log-level", "loud"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.problems, SizeIs(9));
  for (const char* text :
       {"data (--data): it is not given", "kafka.brokers (--kafka-brokers): it is not given",
        "tls.cert (--tls-cert): it needs tls.key (--tls-key)", "tls.cert (--tls-cert): the file /no/cert",
        "tokens (--tokens): the file", "kafka.config (--kafka-config): ", "acks cannot be changed",
        "kafka.client (--kafka-client): ", "no.such", "log.level (--log-level): "}) {
    EXPECT_THAT(outcome.problems, Contains(HasSubstr(text)));
  }
}

TEST_F(Configured, ListensBeyondLoopbackOnlyWithTlsOrInsecure) {
  std::vector<std::string> arguments = Enough();
  arguments.insert(arguments.end(), {"--host", "0.0.0.0"});
  Told open;
  const auto refused = open.With(arguments);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.problems,
              ::testing::ElementsAre(AllOf(HasSubstr("host (--host): 0.0.0.0 can be reached from other machines"),
                                           HasSubstr("--tls-cert"), HasSubstr("--insecure"))));
  arguments.push_back("--insecure");
  Told insecure;
  EXPECT_EQ(insecure.With(arguments).exit_code, std::nullopt);
  EXPECT_TRUE(insecure.config.process.server.insecure);
  std::ofstream(directory_.path() + "/pem") << "";
  arguments.back() = "--tls-cert=" + directory_.path() + "/pem";
  arguments.push_back("--tls-key=" + directory_.path() + "/pem");
  Told tls;
  EXPECT_EQ(tls.With(arguments).exit_code, std::nullopt);
}

TEST_F(Configured, TheOperationsPortHasAnAddressOfItsOwn) {
  std::vector<std::string> arguments = Enough();
  Told as_host;
  ASSERT_EQ(as_host.With(arguments).exit_code, std::nullopt);
  EXPECT_EQ(as_host.config.process.metrics_host, "") << "that of gRPC";
  Told elsewhere;
  ASSERT_EQ(elsewhere.With(arguments, {"THROUGHLINE_METRICS_HOST=0.0.0.0"}).exit_code, std::nullopt);
  EXPECT_EQ(elsewhere.config.process.metrics_host, "0.0.0.0");
  EXPECT_EQ(elsewhere.config.process.host, "127.0.0.1");
  arguments.insert(arguments.end(), {"--metrics-host", "0.0.0.0:9470"});
  Told wrong;
  EXPECT_THAT(wrong.With(arguments).problems,
              ::testing::ElementsAre(AllOf(HasSubstr("metrics-host (--metrics-host): "), HasSubstr("--metrics-port"))));
}

// The keys of a printed configuration.
std::vector<std::string> KeysOf(const std::string& printed) {
  std::vector<std::string> keys;
  std::string section;
  for (const absl::string_view line : absl::StrSplit(printed, '\n')) {
    if (absl::StartsWith(line, "[")) section = absl::StrCat(line.substr(1, line.find(']') - 1), ".");
    const size_t equals = line.find(" = ");
    if (!absl::StartsWith(line, "#") && equals != absl::string_view::npos) {
      keys.push_back(absl::StrCat(section, line.substr(0, equals)));
    }
  }
  return keys;
}

// For every setting: a wrong value is reported with the setting's name and the option that set it.
TEST_F(Configured, NamesTheOptionOfEverySetting) {
  Told told;
  told.config.Declare(told.settings);
  const std::vector<std::string> keys = KeysOf(told.settings.Print());
  EXPECT_GT(keys.size(), 40u);
  // Any text will do for these.
  const std::set<std::string> free = {"replica",          "kafka.prefix",   "backup.dir",      "audit.dir",
                                      "jwt.person-claim", "jwt.role-claim", "jwt.party-claim", "jwt.team-claim"};
  for (const std::string& key : keys) {
    const std::string option = "--" + absl::StrReplaceAll(key, {{".", "-"}});
    const std::string wrong = absl::EndsWith(key, "host") ? "127.0.0.1:1"
                              : key == "kafka.brokers"    ? "http://x"
                                                          : "/dev/null/none";
    std::vector<std::string> arguments;
    for (const auto& [name, value] :
         {std::pair<std::string, std::string>{"--data", directory_.path()}, {"--kafka-brokers", "localhost:1"}}) {
      if (name != option) arguments.insert(arguments.end(), {name, value});
    }
    arguments.push_back(absl::StrCat(option, "=", wrong));
    Told asked;
    const auto outcome = asked.With(arguments);
    if (free.contains(key)) {
      EXPECT_EQ(outcome.exit_code, std::nullopt) << key;
      Told empty;
      const std::string variable =
          "THROUGHLINE_" + absl::AsciiStrToUpper(absl::StrReplaceAll(key, {{".", "_"}, {"-", "_"}}));
      arguments.pop_back();
      for (const std::string& problem : empty.With(arguments, {variable + "="}).problems) {
        EXPECT_THAT(problem, ::testing::StartsWith(absl::StrCat(key, " (", variable, "): ")));
      }
      continue;
    }
    EXPECT_EQ(outcome.exit_code, 2) << key;
    EXPECT_THAT(outcome.problems, ::testing::Not(::testing::IsEmpty())) << key;
    EXPECT_THAT(outcome.problems, Contains(::testing::StartsWith(absl::StrCat(key, " (", option, "): "))));
  }
}

TEST_F(Configured, ReportsABadDirectoryAndCreatesNone) {
  Told told;
  const auto outcome = told.With({"--data", directory_.path() + "/tokens.json/data", "--kafka-brokers", "localhost:1",
                                  "--tokens", directory_.path() + "/tokens.json"});
  EXPECT_THAT(outcome.problems, ::testing::ElementsAre(HasSubstr("data (--data): ")));
  Told later;
  EXPECT_EQ(later
                .With({"--data", directory_.path() + "/a/b", "--kafka-brokers", "localhost:1", "--tokens",
                       directory_.path() + "/tokens.json"})
                .exit_code,
            std::nullopt);
  EXPECT_FALSE(std::filesystem::exists(directory_.path() + "/a"));
}

TEST_F(Configured, OverridesSettingsFromTheKafkaFile) {
  std::ofstream(directory_.path() + "/kafka.properties") << "sasl.password=${PATH}\nclient.id=file\n";
  Told told;
  std::vector<std::string> arguments = Enough();
  arguments.insert(arguments.end(), {"--kafka-config", directory_.path() + "/kafka.properties", "--print-config"});
  const auto outcome = told.With(arguments, {"THROUGHLINE_KAFKA_CLIENT_CLIENT_ID=mine"});
  ASSERT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(told.config.kafka.cluster.settings, Contains(Pair("client.id", "file")));
  EXPECT_EQ(told.config.kafka.cluster.settings.back(), std::pair(std::string("client.id"), std::string("mine")));
  EXPECT_THAT(outcome.out, Not(HasSubstr("sasl.password")));
}

TEST_F(Configured, PrintsAConfigurationThatItCanRead) {
  Told told;
  std::vector<std::string> arguments = Enough();
  arguments.insert(arguments.end(), {"--replica", "r1", "--backup-dir", "/b", "--grace", "3s", "--print-config"});
  const auto printed = told.With(arguments);
  ASSERT_EQ(printed.exit_code, 0);
  std::ofstream(directory_.path() + "/printed.toml") << printed.out;
  Told again;
  ASSERT_EQ(again.With({"--config", directory_.path() + "/printed.toml"}).exit_code, std::nullopt);
  EXPECT_EQ(again.settings.Print(), told.settings.Print());
  EXPECT_EQ(again.config.run.grace, absl::Seconds(3));
  EXPECT_EQ(again.config.process.backups.directory, "/b");
}

}  // namespace
}  // namespace throughline::process

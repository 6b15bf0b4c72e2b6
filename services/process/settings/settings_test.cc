#include "services/process/settings/settings.h"

#include <cstdio>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/support/test_directory.h"

namespace throughline::process {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

std::string WriteFile(const std::string& name, const std::string& content) {
  static const TestDirectory directory;
  const std::string path = absl::StrCat(directory.path(), "/", name);
  std::ofstream(path) << content;
  return path;
}

// A program with a few settings.
struct Program {
  Program() {
    settings.Text("name", name, "Who");
    settings.Number("port", port, 0, 65535, "Where");
    settings.Number("limits.cache-mib", cache, 1, 100, "How much", 1 << 20);
    settings.Period("kafka.linger", linger, absl::ZeroDuration(), absl::Seconds(1), "How long");
    settings.Flag("insecure", insecure, "Whether");
    settings.Choice("log.format", format, {"text", "json"}, "How");
    settings.PassThrough(
        "kafka.client", client, [](const std::string& name) { return absl::StrContains(name, "password"); }, "Else");
  }
  Settings::Outcome Try(std::vector<std::string> arguments, std::vector<std::string> environment = {}) {
    return settings.Try(arguments, environment);
  }

  std::string name = "nobody";
  int port = 7070;
  bool insecure = false;
  size_t cache = size_t{8} << 20;
  absl::Duration linger = absl::Milliseconds(1);
  std::string format = "text";
  Settings::Pairs client;
  Settings settings{"program", "Tries settings."};
};

TEST(Settings, LaterSourcesWin) {
  const std::string file = WriteFile("order.toml",
                                     "port = 1\nname = \"file\"\n[limits]\ncache-mib = 1\n[kafka]\nlinger = \"1ms\"\n"
                                     "[kafka.client]\nclient.id = \"file\"\nlinger.ms = 1\n");
  Program program;
  const auto outcome =
      program.Try({"--config", file, "--port", "3", "--kafka-client", "client.id=flag"},
                  {"THROUGHLINE_PORT=2", "THROUGHLINE_NAME=environment", "THROUGHLINE_LIMITS_CACHE_MIB=2",
                   "THROUGHLINE_KAFKA_CLIENT_CLIENT_ID=environment", "OTHER=x"});
  ASSERT_EQ(outcome.exit_code, std::nullopt) << outcome.problems.size();
  EXPECT_EQ(program.port, 3) << "the command line";
  EXPECT_EQ(program.name, "environment");
  EXPECT_EQ(program.cache, size_t{2} << 20) << "the environment";
  EXPECT_EQ(program.linger, absl::Milliseconds(1)) << "the file";
  EXPECT_EQ(program.format, "text") << "the default";
  EXPECT_THAT(program.client, ElementsAre(Pair("client.id", "flag"), Pair("linger.ms", "1")));
}

TEST(Settings, AFlagNeedsAValueExceptOnTheCommandLine) {
  const std::string file = WriteFile("flag.toml", "insecure = true\n");
  for (const auto& [arguments, environment, expected] :
       std::vector<std::tuple<std::vector<std::string>, std::vector<std::string>, bool>>{
           {{}, {}, false},
           {{"--insecure"}, {}, true},
           {{"--config", file}, {}, true},
           {{"--config", file}, {"THROUGHLINE_INSECURE=false"}, false},
           {{"--config", file, "--insecure=false"}, {}, false}}) {
    Program program;
    EXPECT_EQ(program.Try(arguments, environment).exit_code, std::nullopt);
    EXPECT_EQ(program.insecure, expected);
    EXPECT_THAT(program.settings.Print(), HasSubstr(expected ? "\ninsecure = true\n" : "\ninsecure = false\n"));
  }
  Program program;
  EXPECT_THAT(program.Try({}, {"THROUGHLINE_INSECURE=maybe"}).problems, ElementsAre(HasSubstr("true or false")));
}

TEST(Settings, TheEnvironmentNamesTheFile) {
  Program program;
  EXPECT_EQ(program.Try({}, {"THROUGHLINE_CONFIG=" + WriteFile("named.toml", "port = 9")}).exit_code, std::nullopt);
  EXPECT_EQ(program.port, 9);
}

TEST(Settings, ReportsAllProblemsAtOnce) {
  Program program;
  program.settings.Check([](const Settings::Complain& complain) { complain("name", "is odd"); });
  const std::string file = WriteFile("bad.toml", "prot = 1\nport = \"x\"\n[log]\nformat = [1]\n");
  const auto outcome = program.Try({"--config", file, "--name", "n", "--nonsense", "--kafka-linger", "2h"},
                                   {"THROUGHLINE_LIMITS_CACHE_MIB=101"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(
      outcome.problems,
      ::testing::UnorderedElementsAre(
          HasSubstr("there is no option --nonsense"), HasSubstr("line 4: log.format is a list"),
          AllOf(HasSubstr("line 1"), HasSubstr("there is no setting prot")),
          AllOf(HasSubstr("port ("), HasSubstr("bad.toml line 2"), HasSubstr("0 to 65535")),
          AllOf(HasSubstr("limits.cache-mib (THROUGHLINE_LIMITS_CACHE_MIB)"), HasSubstr("1 to 100")),
          AllOf(HasSubstr("kafka.linger (--kafka-linger)"), HasSubstr("is not a period")), "name (--name): is odd"));
}

TEST(Settings, ExplainsAWrongCommandLineInOurWords) {
  for (const auto& [arguments, said] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"--port"}, "--port has no value: write one after it (--help lists all options)"},
           {{"--port="}, "--port has no value: write one after the `=`"},
           {{"--port", "1", "--port", "2"}, "--port is given twice: give it once"},
           {{"--kafka-client"}, "--kafka-client has no value: write one after it (NAME=VALUE)"},
           {{"--kafka-client", "x"}, "--kafka-client: `x` is not NAME=VALUE"},
           {{"--config"}, "--config has no value"},
           {{"--print-config=foo"}, "--print-config takes no value, but has `foo`"},
           {{"--insecure=foo"}, "insecure (--insecure): \"foo\" is not true or false"},
           {{"--port", "5x"}, "port (--port): \"5x\" is not a whole number"}}) {
    Program program;
    const auto outcome = program.Try(arguments);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.problems, ElementsAre(HasSubstr(said)));
  }
}

TEST(Settings, AProblemNamesWhereTheValueComesFrom) {
  const std::string file = WriteFile("origin.toml", "port = 1\n");
  for (const auto& [arguments, environment, said] :
       std::vector<std::tuple<std::vector<std::string>, std::vector<std::string>, std::string>>{
           {{}, {}, "port (--port): is odd"},
           {{"--port", "2"}, {}, "port (--port): is odd"},
           {{}, {"THROUGHLINE_PORT=2"}, "port (THROUGHLINE_PORT): is odd"},
           {{"--config", file}, {}, "port (" + file + " line 1): is odd"}}) {
    Program program;
    program.settings.Check([](const Settings::Complain& complain) { complain("port", "is odd"); });
    EXPECT_THAT(program.Try(arguments, environment).problems, ElementsAre(said));
  }
}

TEST(Settings, NamesTheNearestWord) {
  Program program;
  const std::string file = WriteFile("near.toml", "prot = 1\n");
  EXPECT_THAT(program.Try({"--config", file, "--kafka-lingr", "1ms", "--log-format", "jsn"}).problems,
              ::testing::UnorderedElementsAre(
                  HasSubstr("--kafka-lingr; did you mean `--kafka-linger`?"), HasSubstr("`1ms` belongs to no option"),
                  HasSubstr("there is no setting prot; did you mean `port`?"), HasSubstr("did you mean `json`?")));
}

TEST(Settings, PrintsItsVersion) {
  Program program;
  const auto outcome = program.Try({"--version"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, ::testing::MatchesRegex("program [0-9.]+.*\n"));
}

TEST(Settings, ReportsFailedOutput) {
  std::fflush(stdout);
  const int before = dup(STDOUT_FILENO);
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  dup2(full, STDOUT_FILENO);
  ::testing::internal::CaptureStderr();
  Program program;
  const char* arguments[] = {"program", "--help"};
  const char* environment[] = {nullptr};
  const auto over = program.settings.Read(2, arguments, environment);
  const std::string said = ::testing::internal::GetCapturedStderr();
  dup2(before, STDOUT_FILENO);
  std::clearerr(stdout);
  close(before);
  close(full);
  EXPECT_EQ(over, 3);
  EXPECT_THAT(said, HasSubstr("the output could not be written: No space left on device"));
}

TEST(Settings, ReportsAMissingFile) {
  Program program;
  EXPECT_THAT(program.Try({"--config", "/no/such/file"}).problems, ElementsAre(HasSubstr("/no/such/file")));
}

TEST(Settings, ReportsOnlyTheFileIfItCannotBeRead) {
  Program program;
  program.settings.Check([](const Settings::Complain& complain) { complain("port", "it is not given"); });
  const std::string file = WriteFile("open.toml", "name = \"open\nport = 70000\n");
  EXPECT_THAT(program.Try({"--config", file, "--nonsense"}).problems,
              ElementsAre(HasSubstr("--nonsense"), HasSubstr("open.toml line 1: ")));
}

TEST(Settings, ASecretIsRefusedOnTheCommandLine) {
  Program program;
  const auto outcome = program.Try({"--kafka-client", "sasl.password=hunter2"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.problems, ElementsAre(AllOf(HasSubstr("sasl.password"), Not(HasSubstr("hunter2")))));
}

TEST(Settings, ASecretComesFromTheEnvironmentOrAFile) {
  const std::string secret = WriteFile("secret", "hunter2\n");
  Program by_flag;
  EXPECT_EQ(by_flag.Try({"--kafka-client", "sasl.password.file=" + secret}).exit_code, std::nullopt);
  EXPECT_THAT(by_flag.client, ElementsAre(Pair("sasl.password.file", secret)));
  Program by_file;
  ASSERT_EQ(by_file.Try({}, {"THROUGHLINE_KAFKA_CLIENT_SASL_PASSWORD_FILE=" + secret}).exit_code, std::nullopt);
  EXPECT_THAT(by_file.client, ElementsAre(Pair("sasl.password.file", secret)));
  Program overruled;
  const std::string config = WriteFile("overruled.toml", "[kafka.client]\nsasl.password.file = \"/gone\"\n");
  ASSERT_EQ(overruled.Try({"--config", config}, {"THROUGHLINE_KAFKA_CLIENT_SASL_PASSWORD=other"}).exit_code,
            std::nullopt);
  EXPECT_THAT(overruled.client, ElementsAre(Pair("sasl.password", "other")));
}

TEST(Settings, PrintsAReadableFileWithoutSecrets) {
  Program program;
  const auto printed = program.Try({"--print-config", "--name", "a \"b\"", "--kafka-linger", "20ms", "--log-format",
                                    "json", "--limits-cache-mib", "7", "--kafka-client", "client.id=x"},
                                   {"THROUGHLINE_KAFKA_CLIENT_SASL_PASSWORD=hunter2"});
  ASSERT_EQ(printed.exit_code, 0);
  EXPECT_THAT(printed.out, Not(HasSubstr("hunter2")));
  EXPECT_THAT(printed.out, HasSubstr("# \"sasl.password\" = \"***\""));
  Program again;
  const auto outcome = again.Try({"--config", WriteFile("printed.toml", printed.out)});
  ASSERT_EQ(outcome.exit_code, std::nullopt);
  EXPECT_EQ(again.name, "a \"b\"");
  EXPECT_EQ(again.linger, absl::Milliseconds(20));
  EXPECT_EQ(again.format, "json");
  EXPECT_EQ(again.cache, size_t{7} << 20);
  EXPECT_THAT(again.client, ElementsAre(Pair("client.id", "x")));
  EXPECT_EQ(again.settings.Print().find("***"), std::string::npos);
}

TEST(Settings, HelpListsEverything) {
  Program program;
  const auto outcome = program.Try({"--help"});
  EXPECT_EQ(outcome.exit_code, 0);
  for (const char* text : {"--port", "[7070]", "THROUGHLINE_PORT", "--limits-cache-mib", "[8]", "--kafka-client",
                           "--config", "--print-config"}) {
    EXPECT_THAT(outcome.out, HasSubstr(text));
  }
}

}  // namespace
}  // namespace throughline::process

// The command line as a whole: every command can be declared, explains itself, and ends with the code that it should.

#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <spdlog/spdlog.h>

#include "libs/identity/token_readers.h"
#include "libs/identity/tokens.h"
#include "services/throughline/commands/commands.h"

namespace throughline::tool {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

struct Ended {
  int code;
  std::string out, err;
};

int Call(Tool& tool, std::vector<std::string> words) {
  std::vector<char*> argv = {const_cast<char*>("throughline")};
  for (std::string& word : words) argv.push_back(word.data());
  return tool.Run(static_cast<int>(argv.size()), argv.data());
}

int Call(std::vector<std::string> words) {
  CLI::App app("", "throughline");
  Tool tool(app);
  AddClientCommands(app, tool);
  return Call(tool, std::move(words));
}

Ended Captured(const std::function<int()>& run) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int code = run();
  return {code, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

Ended Invoke(const std::vector<std::string>& words) {
  return Captured([&] { return Call(words); });
}

std::string FreshData() {
  static int count = 0;
  const std::string path = absl::StrCat(testing::TempDir(), "tool_test_", getpid(), "_", ++count);
  std::filesystem::remove_all(path);
  return path;
}

void HelpOf(const CLI::App& app, std::vector<std::string> words) {
  words.push_back("--help");
  const Ended ended = Invoke(words);
  EXPECT_EQ(ended.code, kOk) << absl::StrJoin(words, " ");
  EXPECT_THAT(ended.out, HasSubstr("Usage:")) << absl::StrJoin(words, " ");
  words.pop_back();
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  if (commands.empty() && !words.empty()) {
    EXPECT_THAT(ended.out, HasSubstr("Examples:\n  ")) << absl::StrJoin(words, " ");
  }
  for (const CLI::App* command : commands) {
    words.push_back(command->get_name());
    HelpOf(*command, words);
    words.pop_back();
  }
}

TEST(CommandLine, EveryCommandExplainsItself) {
  CLI::App app("", "throughline");
  Tool tool(app);
  AddClientCommands(app, tool);
  HelpOf(app, {});
}

TEST(CommandLine, WrongUsageIsTwoAndSaysWhereToLook) {
  EXPECT_EQ(Invoke({}).code, kUsage);
  EXPECT_EQ(Invoke({"order", "fetch"}).code, kUsage);
  EXPECT_EQ(Invoke({"order", "trace", "SO-1", "--colour"}).code, kUsage);
  EXPECT_EQ(Invoke({"--timeout", "soon", "queue"}).code, kUsage);
  const Ended pigeon =
      Invoke({"case", "interaction", "01J9", "--channel", "pigeon", "--direction", "inbound", "--text", "hi"});
  EXPECT_EQ(pigeon.code, kUsage);
  EXPECT_THAT(pigeon.err, AllOf(HasSubstr("phone, email, web"), HasSubstr("throughline case interaction --help")));
  EXPECT_EQ(Invoke({"order", "push", "--format", "ups-track-alert"}).code, kUsage);
  EXPECT_EQ(Invoke({"order", "push"}).code, kUsage);
  EXPECT_EQ(Invoke({"order", "place", "SO-1", "--customer", "C", "--promised-by", "+1d", "--line", "1:lamp"}).code,
            kUsage);
  EXPECT_THAT(Invoke({"--json", "order", "fetch"}).err, HasSubstr("\"exit_code\":2"));
}

TEST(CommandLine, WithoutACredentialItIsNotPermitted) {
  const Ended ended = Invoke({"--data", FreshData(), "--as", "nobody", "queue"});
  EXPECT_EQ(ended.code, kNotAllowed);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("nobody.token"), HasSubstr("--as")));
}

TEST(CommandLine, SaysWhatATimeoutIsFor) {
  EXPECT_THAT(Invoke({"--help"}).out, HasSubstr("A push goes on while the server does"));
}

TEST(CommandLine, AnAddressThatCannotBeReadIsWrongUsage) {
  for (const char* address : {"", "support=a:1", "a:1,,b:1", "intake=a=b"}) {
    const Ended ended = Invoke({"--address", address, "queue"});
    EXPECT_EQ(ended.code, kUsage) << address << "\n" << ended.err;
    EXPECT_THAT(ended.err, HasSubstr("--address")) << address;
  }
}

// With an empty file, as with none, the connection would not be encrypted, and the token would travel in the open.
TEST(CommandLine, AnEmptyFileDoesNotTurnEncryptionOff) {
  const std::string data = FreshData();
  ASSERT_TRUE(identity::CreateFirstTokens(data, absl::Now()).ok());
  const std::string path = data + "/empty.pem";
  for (const char* content : {"", "\n"}) {
    std::ofstream(path) << content;
    const Ended ended =
        Invoke({"--data", data, "--address", "127.0.0.1:1", "--timeout", "200ms", "--ca", path, "queue"});
    EXPECT_EQ(ended.code, kFailed);
    EXPECT_THAT(ended.err, HasSubstr(path + " is empty"));
  }
  EXPECT_EQ(Invoke({"--data", data, "--ca", "", "queue"}).code, kUsage);
}

TEST(CommandLine, OutputThatIsLostIsAFailure) {
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  std::fflush(stdout);
  const int before = dup(STDOUT_FILENO);
  dup2(full, STDOUT_FILENO);
  testing::internal::CaptureStderr();
  const int code = Call({"access"});
  const std::string said = testing::internal::GetCapturedStderr();
  dup2(before, STDOUT_FILENO);
  std::clearerr(stdout);
  close(before);
  close(full);
  EXPECT_EQ(code, kFailed);
  EXPECT_THAT(said, HasSubstr("is the disk full?"));
}

TEST(CommandLine, AReaderThatHasSeenEnoughIsNoFailure) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  close(ends[0]);
  const auto handler = std::signal(SIGPIPE, SIG_IGN);
  std::fflush(stdout);
  const int before = dup(STDOUT_FILENO);
  dup2(ends[1], STDOUT_FILENO);
  const int code = Call({"access"});
  dup2(before, STDOUT_FILENO);
  std::clearerr(stdout);
  std::signal(SIGPIPE, handler);
  close(before);
  close(ends[1]);
  EXPECT_EQ(code, kOk);
}

TEST(CommandLine, LibrariesDoNotLogIntoTheOutput) {
  CLI::App app("", "throughline");
  Tool tool(app);
  tool.Does(Command(app, "hello", "Greets.", "throughline hello"), [&tool]() -> absl::Status {
    spdlog::warn("from a library");
    tool.Print("hello\n");
    return absl::OkStatus();
  });
  const Ended ended = Captured([&] { return Call(tool, {"hello"}); });
  EXPECT_EQ(ended.out, "hello\n");
  EXPECT_THAT(ended.err, HasSubstr("from a library"));
}

TEST(CommandLine, WithoutAServerItCanBeTriedAgain) {
  const std::string data = FreshData();
  ASSERT_TRUE(identity::CreateFirstTokens(data, absl::Now()).ok());
  const Ended human = Invoke({"--data", data, "--address", "127.0.0.1:1", "--timeout", "200ms", "case", "close", "01J9",
                              "--command-id", "my-own"});
  EXPECT_EQ(human.code, kTryAgain);
  EXPECT_THAT(human.err, AllOf(HasSubstr("127.0.0.1:1"), HasSubstr("--command-id my-own")));
  const Ended machine = Invoke({"--data", data, "--address", "127.0.0.1:1", "--timeout", "200ms", "--json", "queue"});
  EXPECT_EQ(machine.code, kTryAgain);
  EXPECT_THAT(machine.err, AllOf(HasSubstr("\"code\":\""), HasSubstr("\"exit_code\":3")));
}

TEST(CommandLine, TheSameLineAgainMeansTheSameTime) {
  const std::string data = FreshData();
  ASSERT_TRUE(identity::CreateFirstTokens(data, absl::Now()).ok());
  const auto promise = [&](const std::string& due) {
    const Ended ended = Invoke({"--data", data, "--address", "127.0.0.1:1", "--timeout", "200ms", "promise", "make",
                                "01J9", "--what", "We call back", "--due", due, "--command-id", "P1"});
    EXPECT_EQ(ended.code, kTryAgain) << ended.err;
    const std::filesystem::directory_iterator given(data + "/given");
    return std::distance(given, {});
  };
  EXPECT_EQ(promise("+2h"), 1);
  EXPECT_EQ(promise("+2h"), 1) << "as it was given first";
  EXPECT_EQ(promise("+3h"), 2) << "another request";
  EXPECT_EQ(promise("2026-11-24T18:00:00Z"), 2) << "does not count from now";
}

TEST(CommandLine, TokensAreMadeListedAndRevoked) {
  const std::string data = FreshData();
  ASSERT_TRUE(identity::CreateFirstTokens(data, absl::Now()).ok());
  const Ended made = Invoke({"--data", data, "token", "create", "carla", "--role", "rep", "--team", "care"});
  EXPECT_EQ(made.code, kOk) << made.err;
  EXPECT_THAT(made.out, HasSubstr(identity::CredentialPath(data, "carla")));
  const auto secret = ReadInput(identity::CredentialPath(data, "carla"));
  ASSERT_TRUE(secret.ok());
  EXPECT_THAT(made.out, Not(HasSubstr(secret->substr(0, 20))));
  EXPECT_EQ(Invoke({"--data", data, "token", "create", "carla", "--role", "rep"}).code, kFailed);
  EXPECT_THAT(Invoke({"--data", data, "token", "list"}).out, AllOf(HasSubstr("carla"), HasSubstr("in force")));
  EXPECT_THAT(Invoke({"--data", data, "token", "list", "--json"}).out, HasSubstr(R"("name":"carla","roles":["rep"])"));
  EXPECT_EQ(Invoke({"--data", data, "token", "revoke", "carla"}).code, kOk);
  EXPECT_EQ(Invoke({"--data", data, "token", "revoke", "carla"}).code, kNotFound);
}

TEST(CommandLine, TokensAreWaitedForUntilTheyAreInForce) {
  const std::string data = FreshData();
  ASSERT_TRUE(identity::CreateFirstTokens(data, absl::Now()).ok());
  const std::string path = identity::TokensPath(data);
  EXPECT_THAT(Invoke({"--data", data, "token", "revoke", "ana"}).out,
              HasSubstr("no server has said that it reads this file"));
  const auto server = identity::TokenReader::Register(path);
  const Ended waited = Invoke({"--data", data, "--timeout", "200ms", "token", "revoke", "ben"});
  EXPECT_EQ(waited.code, kFailed);
  EXPECT_THAT(waited.err,
              AllOf(HasSubstr("Revoked the token of ben, but it is not in force everywhere"), HasSubstr("200ms")));
  std::thread late([&] {
    while (identity::ReadTokenFile(path)->back().identity.name != "carla") std::this_thread::yield();
    server->HasRead(identity::TokenFileVersion(path));
  });
  const Ended made =
      Invoke({"--data", data, "--timeout", "20s", "--json", "token", "create", "carla", "--role", "rep"});
  late.join();
  EXPECT_EQ(made.code, kOk) << made.err;
  EXPECT_THAT(made.out, HasSubstr(R"("servers":1)"));
}

TEST(CommandLine, AccessShowsEveryRpc) {
  const Ended ended = Invoke({"access"});
  EXPECT_EQ(ended.code, kOk);
  EXPECT_THAT(ended.out, AllOf(HasSubstr("OpenCase"), HasSubstr("PushRawEvents"), HasSubstr("CheckComponent"),
                               HasSubstr("SetAvailability"), HasSubstr("supervisor")));
}

}  // namespace
}  // namespace throughline::tool

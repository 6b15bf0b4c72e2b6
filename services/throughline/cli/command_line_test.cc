// The command line as a whole: every command is declared, has help, and exits with the right code.

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
#include "services/throughline/cli/testing_invoke.h"

namespace throughline::tool {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

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

TEST(CommandLine, WrongUsageExitsWithTwoAndPointsToHelp) {
  EXPECT_EQ(Invoke({}).code, kUsage);
  EXPECT_EQ(Invoke({"order", "fetch"}).code, kUsage);
  EXPECT_EQ(Invoke({"order", "trace", "SO-1", "--colour"}).code, kUsage);
  EXPECT_EQ(Invoke({"--timeout", "soon", "queue"}).code, kUsage);
  EXPECT_EQ(Invoke({"--hedge-after", "soon", "queue"}).code, kUsage);
  EXPECT_NE(Invoke({"--hedge-after", "off", "--timeout", "200ms", "--address", "127.0.0.1:1", "queue"}).code, kUsage);
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

TEST(CommandLine, AMissingCredentialExitsWithFive) {
  const Ended ended = Invoke({"--data", FreshData(), "--as", "nobody", "queue"});
  EXPECT_EQ(ended.code, kNotAllowed);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("nobody.token"), HasSubstr("--as")));
}

TEST(CommandLine, HelpExplainsTheTimeout) {
  EXPECT_THAT(Invoke({"--help"}).out, HasSubstr("A push has no limit while the server answers"));
}

TEST(CommandLine, AMalformedAddressIsWrongUsage) {
  for (const char* address : {"", "support=a:1", "a:1,,b:1", "intake=a=b"}) {
    const Ended ended = Invoke({"--address", address, "queue"});
    EXPECT_EQ(ended.code, kUsage) << address << "\n" << ended.err;
    EXPECT_THAT(ended.err, HasSubstr("--address")) << address;
  }
}

// An empty PEM file would mean no encryption, as would none: the token would be sent in clear text.
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

TEST(CommandLine, LostOutputExitsWithThree) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"access"}, {"access", "--json"}, {"--help"}, {"--version"}}) {
    testing::internal::CaptureStderr();
    int code = 0;
    {
      const Redirected full(STDOUT_FILENO, open("/dev/full", O_WRONLY | O_CLOEXEC));
      code = Call(words);
    }
    const std::string said = testing::internal::GetCapturedStderr();
    EXPECT_EQ(code, kTryAgain) << words.front();
    EXPECT_THAT(said, HasSubstr("the output could not be written (No space left on device)")) << words.front();
  }
}

// A read changed nothing, and the user closed the pipe: nothing to report.
TEST(CommandLine, AClosedPipeAfterAReadIsNotAnError) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  close(ends[0]);
  testing::internal::CaptureStderr();
  int code = 0;
  {
    const Redirected closed(STDOUT_FILENO, ends[1]);
    code = Call({"access"});
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(code, kTryAgain);
}

TEST(CommandLine, LostOutputAfterAChangeNamesTheChange) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  close(ends[0]);
  CLI::App app("", "throughline");
  Tool tool(app);
  tool.Does(Command(app, "open", "Opens.", "throughline open"), [&tool]() -> absl::Status {
    tool.set_sent_command_id("C-1");
    tool.Done("case", "7ZQ4");
    tool.Print("Opened 7ZQ4\n");
    return absl::OkStatus();
  });
  testing::internal::CaptureStderr();
  int code = 0;
  {
    const Redirected closed(STDOUT_FILENO, ends[1]);
    code = Call(tool, {"open"});
  }
  EXPECT_EQ(code, kTryAgain);
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              AllOf(HasSubstr("it is done: case 7ZQ4"), HasSubstr("(--command-id C-1)")));
}

TEST(CommandLine, LostOutputIsAWholeSentenceInJson) {
  CLI::App app("", "throughline");
  Tool tool(app);
  tool.Does(Command(app, "open", "Opens.", "throughline open"), [&tool]() -> absl::Status {
    tool.set_sent_command_id("C-1");
    tool.Done("case", "7ZQ4");
    tool.Print("{}\n");
    return absl::OkStatus();
  });
  testing::internal::CaptureStderr();
  {
    const Redirected full(STDOUT_FILENO, open("/dev/full", O_WRONLY | O_CLOEXEC));
    EXPECT_EQ(Call(tool, {"--json", "open"}), kTryAgain);
  }
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              AllOf(HasSubstr("to print the output without a second effect\""), HasSubstr("\"command_id\":\"C-1\"")));
}

TEST(CommandLine, LibrariesDoNotLogToStandardOutput) {
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

TEST(CommandLine, AnUnreachableServerExitsWithThree) {
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

// A file that an option names and that cannot be read is wrong usage, whatever the option.
TEST(CommandLine, AnUnreadableFileExitsWithTwo) {
  const std::string data = FreshData();
  ASSERT_TRUE(identity::CreateFirstTokens(data, absl::Now()).ok());
  const std::string none = data + "/none";
  for (const std::string& file : {none, data}) {  // missing; a directory
    for (const auto& [option, more] : std::vector<std::pair<std::string, std::vector<std::string>>>{
             {"--ca", {"--ca", file, "queue"}},
             {"--client-cert", {"--client-cert", file, "--client-key", file, "queue"}},
             {"--events", {"order", "push", "--events", file}},
             {"FILES", {"order", "push", "--format", "ups-track-alert", data + "/tokens.json", file}},
             {"--text", {"case", "note", "01J9", "--text", "@" + file}}}) {
      std::vector<std::string> words = {"--data", data, "--address", "127.0.0.1:1", "--timeout", "200ms"};
      words.insert(words.end(), more.begin(), more.end());
      const Ended ended = Invoke(words);
      EXPECT_EQ(ended.code, kUsage) << option << " " << ended.err;
      EXPECT_THAT(ended.err, AllOf(HasSubstr(option + ": cannot "), HasSubstr(file))) << ended.err;
    }
  }
}

TEST(CommandLine, AServiceWithoutAnAddressExitsWithTwo) {
  const std::string data = FreshData();
  ASSERT_TRUE(identity::CreateFirstTokens(data, absl::Now()).ok());
  const Ended ended = Invoke({"--data", data, "--address", "intake=127.0.0.1:1", "worklist"});
  EXPECT_EQ(ended.code, kUsage);
  EXPECT_THAT(ended.err, HasSubstr("--address: no address of ownership is given: add ownership=host:port"));
}

// No credential is exit code 5, also if an option names its file.
TEST(CommandLine, ACredentialThatIsNoneIsNamed) {
  const std::string data = FreshData();
  ASSERT_TRUE(identity::CreateFirstTokens(data, absl::Now()).ok());
  const Ended missing = Invoke({"--data", data, "--token-file", data + "/none", "queue"});
  EXPECT_EQ(missing.code, kNotAllowed);
  EXPECT_THAT(missing.err, HasSubstr("no credential: --token-file: cannot open " + data + "/none"));
  const std::string file = data + "/empty";
  std::ofstream(file) << "\n";
  const Ended ended = Invoke({"--data", data, "--token-file", file, "queue"});
  EXPECT_EQ(ended.code, kNotAllowed);
  EXPECT_THAT(ended.err, HasSubstr(file + " is empty"));
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

TEST(CommandLine, TokenCommandsWaitUntilServersApplyThem) {
  const std::string data = FreshData();
  ASSERT_TRUE(identity::CreateFirstTokens(data, absl::Now()).ok());
  const std::string path = identity::TokensPath(data);
  EXPECT_THAT(Invoke({"--data", data, "token", "revoke", "ana"}).out,
              HasSubstr("no server announced that it reads this file"));
  const auto server = identity::TokenReader::Register(path);
  const Ended waited = Invoke({"--data", data, "--timeout", "200ms", "token", "revoke", "ben"});
  EXPECT_EQ(waited.code, kFailed);
  EXPECT_THAT(waited.err,
              AllOf(HasSubstr("Revoked the token of ben, but it is not in force in every server"), HasSubstr("200ms")));
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

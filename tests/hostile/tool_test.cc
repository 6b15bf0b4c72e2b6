// The tool used wrongly, or refused: reliable exit codes, and one line that says why.

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_join.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/hostile/up.h"
#include "tests/hostile/world.h"

namespace throughline::hostile {
namespace {

using ::testing::HasSubstr;

class ToolUse : public ::testing::Test {
 protected:
  std::vector<std::string> Here(std::vector<std::string> arguments) const {
    std::vector<std::string> all = {"--address", world_.suite().address(), "--data", world_.suite().data()};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return all;
  }

  // One line on stderr, or one object with --json; nothing on stdout.
  void Expect(int code, const std::string& words, const std::vector<std::string>& arguments) const {
    const std::string shown = absl::StrJoin(arguments, " ");
    const testing::Finished plain = Tool(arguments);
    EXPECT_EQ(plain.exit_code, code) << shown << "\n" << plain.err;
    EXPECT_EQ(plain.out, "") << shown;
    EXPECT_EQ(std::count(plain.err.begin(), plain.err.end(), '\n'), 1) << shown << "\n" << plain.err;
    EXPECT_THAT(plain.err, HasSubstr("throughline")) << shown;
    EXPECT_THAT(plain.err, HasSubstr(words)) << shown;
    std::vector<std::string> json = {"--json"};
    json.insert(json.end(), arguments.begin(), arguments.end());
    const testing::Finished machine = Tool(json);
    EXPECT_EQ(machine.exit_code, code) << shown;
    EXPECT_EQ(machine.out, "") << shown;
    google::protobuf::Struct object;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(machine.err, &object).ok()) << shown << "\n" << machine.err;
  }

  World& world_ = World::Shared();
};

TEST_F(ToolUse, WrongUse) {
  Expect(2, "--help", {});
  Expect(2, "--help", {"nonsense"});
  Expect(2, "--help", {"order"});
  Expect(2, "--help", {"--no-such-option", "queue"});
  Expect(2, "--help", {"case", "show"});
  Expect(2, "--help", {"--timeout", "soon", "queue"});
  Expect(2, "--help", {"--color", "sometimes", "queue"});
  Expect(2, "--help", {"up", "--port", "70000"});
  Expect(2, "--help", {"up", "--partitions", "0"});
  Expect(2, "--help", {"log", "cat", "--service", "nonsense"});
  Expect(2, "--address", {"--address", "support=a:1", "queue"});
}

TEST_F(ToolUse, ACertificateWithoutItsKey) {
  const TestDirectory directory;
  const std::string pem = directory.path() + "/some.pem";
  std::ofstream(pem) << "-----BEGIN CERTIFICATE-----\n";
  const auto up = [&](std::vector<std::string> options) {
    options.insert(options.begin(), {"--data", directory.path() + "/data", "up"});
    return options;
  };
  Expect(2, "--tls-key", up({"--tls-cert", pem}));
  Expect(2, "--tls-cert", up({"--tls-key", pem}));
  Expect(2, "--tls-cert", up({"--tls-client-ca", pem}));
  Expect(2, "--tls-cert", up({"--tls-cert", "", "--tls-key", pem}));
}

TEST_F(ToolUse, NothingAnswers) {
  Expect(3, "throughline up",
         {"--address", "127.0.0.1:1", "--data", world_.suite().data(), "--timeout", "1s", "queue"});
  Expect(3, "throughline up",
         {"--address", "no-such-host.invalid:7070", "--data", world_.suite().data(), "--timeout", "1s", "queue"});
}

TEST_F(ToolUse, NotFound) {
  Expect(4, "no such case", Here({"case", "show", "no-such-case"}));
  Expect(4, "", Here({"order", "trace", "no-such-order"}));
}

TEST_F(ToolUse, NotPermitted) {
  Expect(5, "may not call", Here({"--as", "ups", "queue"}));
  Expect(5, "may not call", Here({"--as", "acme", "order", "trace", "SO-1"}));
  Expect(5, "no credential", Here({"--as", "nobody", "queue"}));
  Expect(5, "no credential", Here({"--token-file", "/no/such/file", "queue"}));
  TestDirectory directory;
  std::ofstream(directory.path() + "/wrong") << "tl_ana_" << std::string(43, 'A') << "\n";
  Expect(5, "BAD_TOKEN", Here({"--token-file", directory.path() + "/wrong", "queue"}));
  std::ofstream(directory.path() + "/binary") << std::string("\x00\x01\xff\n\n", 5);
  Expect(5, "", Here({"--token-file", directory.path() + "/binary", "queue"}));
  Expect(5, "", Here({"--token-file", directory.path(), "queue"}));
}

TEST_F(ToolUse, NoDataDirectory) {
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"verify"}, {"log", "cat"}, {"token", "list"}}) {
    std::vector<std::string> arguments = {"--data", "/no/such/place"};
    arguments.insert(arguments.end(), command.begin(), command.end());
    const testing::Finished finished = Tool(arguments);
    EXPECT_NE(finished.exit_code, 0) << absl::StrJoin(arguments, " ");
    EXPECT_LE(finished.exit_code, 5) << absl::StrJoin(arguments, " ");
    EXPECT_THAT(finished.err, HasSubstr("/no/such/place"));
    EXPECT_FALSE(std::filesystem::exists("/no/such/place")) << "it made the directory that was to be looked at";
  }
}

}  // namespace
}  // namespace throughline::hostile

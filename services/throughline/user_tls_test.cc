// The tool against a suite that serves TLS, both as a user runs them.

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/support/process.h"
#include "tests/support/suite_process.h"
#include "tests/support/test_directory.h"

namespace throughline {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// A suite that serves TLS, and every mistake that a user can make about it.
TEST(UserOfTls, SeesWhatIsWrongWithTheConnection) {
  const TestDirectory directory;
  const std::string in = directory.path() + "/";
  const auto shell = [&](const std::string& line) {
    const testing::Finished ended = testing::Run({"/bin/sh", "-c", "cd " + in + " && " + line});
    EXPECT_EQ(ended.exit_code, 0) << line << ended.err;
  };
  for (const char* authority : {"ours", "others"}) {
    shell(absl::StrCat("openssl req -x509 -newkey rsa:2048 -nodes -keyout ", authority, ".key -out ", authority,
                       ".pem -subj /CN=", authority, " -days 2"));
  }
  shell("openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=server");
  shell("echo subjectAltName=IP:127.0.0.1 > server.ext");
  shell(
      "openssl x509 -req -in server.csr -CA ours.pem -CAkey ours.key -CAcreateserial -out server.pem -days 2 "
      "-extfile server.ext");
  testing::SuiteProcess suite(in + "data");
  const std::vector<std::string> tls = {"--tls-cert", in + "server.pem", "--tls-key", in + "server.key"};
  ASSERT_TRUE(suite.Start(tls).ok());
  const auto run = [&](const char* verb, std::string address, std::vector<std::string> more) {
    std::vector<std::string> command = {testing::Program("throughline"),
                                        "--data",
                                        suite.data(),
                                        "--address",
                                        std::move(address),
                                        "--timeout",
                                        "5s",
                                        verb};
    command.insert(command.end(), more.begin(), more.end());
    return testing::Run(command);
  };
  const auto ask = [&](const std::string& address, const std::vector<std::string>& more) {
    return run("queue", address, more);
  };
  struct Wrong {
    std::string address;
    std::vector<std::string> more;
    int exit_code;
    const char* said;
  };
  const std::string port = suite.address().substr(suite.address().rfind(':'));
  for (const Wrong& wrong : std::vector<Wrong>{
           {suite.address(), {"--ca", in + "ours.pem"}, 0, ""},
           {suite.address(), {"--ca", in + "others.pem"}, 1, "TLS_NOT_TRUSTED"},
           {"localhost" + port, {"--ca", in + "ours.pem"}, 1, "TLS_WRONG_NAME"},
           {suite.address(), {}, 3, "TLS_EXPECTED): "},
           {suite.address(), {}, 3, "--ca FILE"},
           {suite.address(), {"--ca", in + "server.ext"}, 1, "--ca: "},
       }) {
    const testing::Finished ended = ask(wrong.address, wrong.more);
    EXPECT_EQ(ended.exit_code, wrong.exit_code) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr(wrong.said));
    EXPECT_LE(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
  }
  const testing::Finished healthy = run("health", suite.address(), {"--ca", in + "ours.pem", "--wait", "20s"});
  EXPECT_EQ(healthy.exit_code, 0) << healthy.out << healthy.err;
  // Waiting does not help.
  const testing::Finished distrusts = run("health", suite.address(), {"--ca", in + "others.pem", "--wait", "1h"});
  EXPECT_EQ(distrusts.exit_code, 1);
  EXPECT_THAT(distrusts.out, AllOf(HasSubstr("not reached"), HasSubstr("not trusted")));
  EXPECT_EQ(suite.Terminate(), 0);
  ASSERT_TRUE(suite.Start().ok());
  const testing::Finished plain = ask(suite.address(), {"--ca", in + "ours.pem"});
  EXPECT_EQ(plain.exit_code, 1);
  EXPECT_THAT(plain.err, AllOf(HasSubstr("TLS_NOT_SERVED"), HasSubstr("leave --ca and --client-cert out")));
  EXPECT_EQ(suite.Terminate(), 0);
}

}  // namespace
}  // namespace throughline

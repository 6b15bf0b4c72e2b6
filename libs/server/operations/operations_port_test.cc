#include "libs/server/operations/operations_port.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/files/whole_file.h"
#include "libs/server/operations/metrics.h"
#include "libs/server/transport/listen.h"
#include "tests/support/certificate_authority.h"
#include "tests/support/eventually.h"
#include "tests/support/http_get.h"
#include "tests/support/network/loopback.h"
#include "tests/support/test_directory.h"

namespace throughline::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using throughline::testing::HttpAnswer;
using throughline::testing::HttpAsk;
using throughline::testing::HttpGet;
namespace testing = throughline::testing;

Health Fine() { return {{true, "live"}, {true, "started"}, {true, "ready"}}; }

HttpAnswer Ask(const OperationsPort& port, const std::string& path) {
  const auto answer = HttpAsk(JoinHostPort("127.0.0.1", port.port()), path);
  EXPECT_TRUE(answer.ok()) << answer.status();
  return answer.value_or(HttpAnswer());
}

TEST(OperationsPort, ShowsTheMetricsOfEachServiceUnderItsPath) {
  auto intake = std::make_shared<prometheus::Registry>();
  auto ownership = std::make_shared<prometheus::Registry>();
  auto process = std::make_shared<prometheus::Registry>();
  RpcProbe one(*intake, "intake.v1.IntakeService", "OpenCase");
  RpcProbe other(*ownership, "ownership.v1.OwnershipService", "CloseCase");
  ConnectionProbe both(*process);
  auto port = OperationsPort::Start(
      {}, {{"/intake", {intake, process}, Fine}, {"/ownership", {ownership, process}, Fine}, {"", {}, Fine}});
  ASSERT_TRUE(port.ok()) << port.status();
  EXPECT_THAT(Ask(**port, "/intake/metrics").body,
              AllOf(HasSubstr("OpenCase"), HasSubstr("throughline_connections"), Not(HasSubstr("CloseCase"))));
  EXPECT_THAT(Ask(**port, "/ownership/metrics").body,
              AllOf(HasSubstr("CloseCase"), HasSubstr("throughline_connections"), Not(HasSubstr("OpenCase"))));
  EXPECT_EQ(Ask(**port, "/metrics").status, 404) << "there are no metrics of all services together";
}

TEST(OperationsPort, AnswersProbesWithOneLine) {
  Health health = Fine();
  health.ready = {false, "starting:\n7 records left"};
  const auto port = OperationsPort::Start({}, {{"", {}, Fine}, {"/intake", {}, [&] { return health; }}});
  ASSERT_TRUE(port.ok()) << port.status();
  EXPECT_EQ(Ask(**port, "/livez").status, 200);
  EXPECT_EQ(Ask(**port, "/livez").body, "live\n");
  EXPECT_EQ(Ask(**port, "/startupz").body, "started\n");
  EXPECT_EQ(Ask(**port, "/readyz").body, "ready\n");
  EXPECT_EQ(Ask(**port, "/intake/livez").status, 200);
  EXPECT_EQ(Ask(**port, "/intake/startupz").status, 200);
  EXPECT_EQ(Ask(**port, "/intake/readyz").status, 503);
  EXPECT_EQ(Ask(**port, "/intake/readyz").body, "starting: 7 records left\n");
  const HttpAnswer none = Ask(**port, "/ownership/readyz");
  EXPECT_EQ(none.status, 404);
  EXPECT_THAT(none.body, HasSubstr("/intake/readyz"));
}

TEST(OperationsPort, ListensOnIpv6) {
  for (const char* host : {"::1", "[::1]", "::"}) {
    const auto port = OperationsPort::Start({.host = host}, {{"", {}, Fine}});
    if (!throughline::testing::HasIpv6() && !port.ok()) {
      EXPECT_THAT(std::string(port.status().message()), HasSubstr("does not have that address"));
      continue;
    }
    ASSERT_TRUE(port.ok()) << port.status();
    EXPECT_EQ(*HttpGet(JoinHostPort("::1", (*port)->port()), "/livez"), "live\n");
  }
}

TEST(OperationsPort, ReportsThatThePortIsTaken) {
  auto first = OperationsPort::Start({}, {});
  ASSERT_TRUE(first.ok());
  auto second = OperationsPort::Start({.port = (*first)->port()}, {});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("another program has the port"));
}

TEST(Listening, AddsBracketsToAnIpv6Address) {
  EXPECT_EQ(JoinHostPort("127.0.0.1", 7070), "127.0.0.1:7070");
  EXPECT_EQ(JoinHostPort("localhost", 7070), "localhost:7070");
  EXPECT_EQ(JoinHostPort("::1", 7070), "[::1]:7070");
  EXPECT_EQ(JoinHostPort("[::]", 7070), "[::]:7070");
}

// As curl does it; the last line is the status, 000: no answer.
std::string Curl(const std::string& arguments) {
  const testing::Finished ended = testing::Run({"/bin/sh", "-c", "curl -s -m 10 -w '\\n%{http_code}' " + arguments});
  return ended.out;
}

class SecuredPort : public ::testing::Test {
 protected:
  void Put(const std::string& name, const std::string& content) {
    ASSERT_FALSE(files::ReplaceFile(Path(name), content, 0600));
  }
  std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }
  std::unique_ptr<OperationsPort> Serve(const OperationsPort::Options& options) {
    auto registry = std::make_shared<prometheus::Registry>();
    for (int i = 0; i < 2000; ++i) {  // more than fits a socket's buffers
      prometheus::BuildCounter().Name("n" + std::to_string(i)).Help(std::string(2000, 'h')).Register(*registry).Add({});
    }
    auto port = OperationsPort::Start(options, {{"", {registry}, Fine}});
    EXPECT_TRUE(port.ok()) << port.status();
    return *std::move(port);
  }

  const TestDirectory directory_;
};

TEST_F(SecuredPort, AsksForATokenOfTheFileWhereMetricsAreShown) {
  Put("tokens", "first-token-of-the-file\n\nsecond-token-of-the-file\n");
  const auto port = Serve({.tokens_file = Path("tokens")});
  const std::string url = "http://127.0.0.1:" + std::to_string(port->port());
  const auto status = [&](const std::string& token) {
    const std::string out = Curl("-H 'authorization: Bearer " + token + "' -o /dev/null " + url + "/metrics");
    return out.substr(out.rfind('\n') + 1);
  };
  EXPECT_EQ(status("first-token-of-the-file"), "200");
  EXPECT_EQ(status("second-token-of-the-file"), "200");
  EXPECT_EQ(status("third-token-of-the-file"), "401");
  EXPECT_EQ(status(""), "401");
  EXPECT_EQ(Ask(*port, "/metrics").status, 401);
  EXPECT_EQ(Ask(*port, "/livez").status, 200) << "an orchestrator has no token";
  Put("tokens", "second-token-of-the-file\nthird-token-of-the-file\n");
  EXPECT_TRUE(Eventually([&] { return status("third-token-of-the-file") == "200"; }));
  EXPECT_EQ(status("first-token-of-the-file"), "401");
  for (const char* bad : {"", "short\n"}) {
    Put("tokens", bad);
    EXPECT_EQ(OperationsPort::Start({.tokens_file = Path("tokens")}, {}).status().code(),
              absl::StatusCode::kFailedPrecondition);
  }
}

TEST_F(SecuredPort, ServesTlsWithTheCertificateThatIsInForce) {
  const testing::CertificateAuthority first(directory_.path(), "first"), second(directory_.path(), "second");
  first.Sign("one", "/CN=one", "IP:127.0.0.1");
  second.Sign("two", "/CN=two", "IP:127.0.0.1");
  const auto use = [&](const std::string& name) {  // the certificate first: its key does not fit then
    Put("server.pem", files::ReadFile(Path(name + ".pem")).value_or(""));
    Put("server.key", files::ReadFile(Path(name + ".key")).value_or(""));
  };
  use("one");
  const auto port = Serve({.tls = TlsOptions{Path("server.pem"), Path("server.key"), ""}});
  const std::string url = "https://127.0.0.1:" + std::to_string(port->port());
  const auto with = [&](const testing::CertificateAuthority& ca) {
    return Curl("--cacert " + ca.path() + " " + url + "/metrics");
  };
  const std::string page = with(first);
  EXPECT_THAT(page, HasSubstr("# HELP n1999"));
  EXPECT_GT(page.size(), 4'000'000u) << "the whole page, in many records";
  EXPECT_EQ(page.substr(page.rfind('\n') + 1), "200");
  EXPECT_EQ(with(second), "\n000");
  EXPECT_FALSE(HttpAsk("127.0.0.1:" + std::to_string(port->port()), "/livez").ok()) << "not in the clear";
  use("two");
  EXPECT_TRUE(Eventually([&] { return with(second) != "\n000"; }));
  EXPECT_EQ(with(first), "\n000");
  // A request in pieces, larger than one read.
  EXPECT_THAT(Curl("--cacert " + second.path() + " -H 'x: " + std::string(5000, 'x') + "' " + url + "/livez"),
              HasSubstr("live"));
  EXPECT_EQ(OperationsPort::Start({.tls = TlsOptions{Path("one.pem"), Path("two.key"), ""}}, {}).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace throughline::server

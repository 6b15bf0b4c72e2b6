#include "libs/server/operations/operations_port.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/server/operations/metrics.h"
#include "libs/server/transport/listen.h"
#include "tests/support/http_get.h"
#include "tests/support/network/loopback.h"

namespace throughline::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using throughline::testing::HttpAnswer;
using throughline::testing::HttpAsk;
using throughline::testing::HttpGet;

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

}  // namespace
}  // namespace throughline::server

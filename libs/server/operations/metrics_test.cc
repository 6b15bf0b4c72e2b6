#include "libs/server/operations/metrics.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/server/transport/listen.h"
#include "tests/support/http_get.h"
#include "tests/support/loopback.h"

namespace throughline::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using throughline::testing::HttpGet;

std::string Get(const MetricsServer& server, const std::string& path) {
  const auto page = HttpGet(JoinHostPort("127.0.0.1", server.port()), path);
  EXPECT_TRUE(page.ok()) << page.status();
  return page.ok() ? *page : "";
}

TEST(Metrics, ShowsEachServiceUnderItsPath) {
  auto intake = std::make_shared<prometheus::Registry>();
  auto ownership = std::make_shared<prometheus::Registry>();
  RpcProbe probe(*intake, "intake.v1.IntakeService", "OpenCase");
  RpcProbe other(*ownership, "ownership.v1.OwnershipService", "CloseCase");
  probe.Started();
  probe.Started();
  probe.Finished(0, absl::Milliseconds(3));
  auto server = MetricsServer::Start("127.0.0.1", 0, {{"/intake/metrics", intake}, {"/ownership/metrics", ownership}});
  ASSERT_TRUE(server.ok()) << server.status();
  const std::string text = Get(**server, "/intake/metrics");
  const std::string labels = R"(rpc_method="OpenCase",rpc_service="intake.v1.IntakeService")";
  EXPECT_THAT(text, HasSubstr("throughline_rpc_handled_total{code=\"OK\"," + labels + "} 1"));
  EXPECT_THAT(text, HasSubstr("throughline_rpc_in_flight{" + labels + "} 1"));
  EXPECT_THAT(text, HasSubstr("throughline_rpc_duration_seconds_count{" + labels + "} 1"));
  EXPECT_THAT(text, Not(HasSubstr("CloseCase")));
  EXPECT_THAT(Get(**server, "/ownership/metrics"), HasSubstr("CloseCase"));
}

TEST(Metrics, ListenOnIpv6) {
  auto registry = std::make_shared<prometheus::Registry>();
  ConnectionProbe probe(*registry);
  probe.Open(3);
  for (const char* host : {"::1", "[::1]", "::"}) {
    const auto server = MetricsServer::Start(host, 0, {{"/metrics", registry}});
    if (!throughline::testing::HasIpv6() && !server.ok()) {
      EXPECT_THAT(std::string(server.status().message()), HasSubstr("does not have that address"));
      continue;
    }
    ASSERT_TRUE(server.ok()) << server.status();
    EXPECT_THAT(*HttpGet(JoinHostPort("::1", (*server)->port()), "/metrics"), HasSubstr("throughline_connections 3"));
  }
}

TEST(Listening, AddsBracketsToAnIpv6Address) {
  EXPECT_EQ(JoinHostPort("127.0.0.1", 7070), "127.0.0.1:7070");
  EXPECT_EQ(JoinHostPort("localhost", 7070), "localhost:7070");
  EXPECT_EQ(JoinHostPort("::1", 7070), "[::1]:7070");
  EXPECT_EQ(JoinHostPort("[::]", 7070), "[::]:7070");
}

TEST(Metrics, ReportsThatThePortIsTaken) {
  auto first = MetricsServer::Start("127.0.0.1", 0, {});
  ASSERT_TRUE(first.ok());
  auto second = MetricsServer::Start("127.0.0.1", (*first)->port(), {});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("another program has the port"));
}

}  // namespace
}  // namespace throughline::server

#include "libs/server/metrics.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/server/listen.h"

namespace throughline::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Get(int port, const std::string& path) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const std::string request = "GET " + path + " HTTP/1.0\r\n\r\n";
  EXPECT_EQ(write(fd, request.data(), request.size()), static_cast<ssize_t>(request.size()));
  std::string answer;
  char buffer[4096];
  for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) > 0;) answer.append(buffer, static_cast<size_t>(n));
  close(fd);
  return answer;
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
  const std::string text = Get((*server)->port(), "/intake/metrics");
  const std::string labels = R"(rpc_method="OpenCase",rpc_service="intake.v1.IntakeService")";
  EXPECT_THAT(text, HasSubstr("throughline_rpc_handled_total{code=\"OK\"," + labels + "} 1"));
  EXPECT_THAT(text, HasSubstr("throughline_rpc_in_flight{" + labels + "} 1"));
  EXPECT_THAT(text, HasSubstr("throughline_rpc_duration_seconds_count{" + labels + "} 1"));
  EXPECT_THAT(text, Not(HasSubstr("CloseCase")));
  EXPECT_THAT(Get((*server)->port(), "/ownership/metrics"), HasSubstr("CloseCase"));
}

TEST(Metrics, ListenOnIpv6OrSayWhatToDo) {
  const auto server = MetricsServer::Start("::1", 0, {});
  if (server.ok()) return;
  EXPECT_THAT(std::string(server.status().message()), AllOf(HasSubstr("[::1]:0"), HasSubstr("IPv4 address")));
}

TEST(Listening, AnIpv6AddressIsToldFromItsPort) {
  EXPECT_EQ(JoinHostPort("127.0.0.1", 7070), "127.0.0.1:7070");
  EXPECT_EQ(JoinHostPort("localhost", 7070), "localhost:7070");
  EXPECT_EQ(JoinHostPort("::1", 7070), "[::1]:7070");
  EXPECT_EQ(JoinHostPort("[::]", 7070), "[::]:7070");
}

TEST(Metrics, SaysThatThePortIsTaken) {
  auto first = MetricsServer::Start("127.0.0.1", 0, {});
  ASSERT_TRUE(first.ok());
  auto second = MetricsServer::Start("127.0.0.1", (*first)->port(), {});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("another program has the port"));
}

}  // namespace
}  // namespace throughline::server

// Connections that say nothing: how many there may be, for how long, and what happens when they go.

#include <poll.h>
#include <unistd.h>

#include "libs/server/testing/fixture.h"
#include "tests/support/network/loopback.h"
#include "tests/support/network/raw_grpc.h"

namespace throughline::server::testing {
namespace {

using throughline::testing::Loopback;
using throughline::testing::RawGrpc;

class ConnectionsTest : public ServerTest {
 protected:
  void StartWithRegistry() {
    auto started = Server::Start(options, *authenticator, {{&api, registry}}, process);
    ASSERT_TRUE(started.ok()) << started.status();
    server = *std::move(started);
  }
  RawGrpc Connect() {
    auto connection = RawGrpc::To("127.0.0.1:" + std::to_string(server->port()));
    EXPECT_TRUE(connection.ok()) << connection.status();
    return *std::move(connection);
  }
  // A call of a client that tries again for as long as nobody takes it.
  bool Served() {
    auto context = As("ana");
    context->set_wait_for_ready(true);
    SayResponse response;
    const grpc::Status status = Client()->Say(context.get(), SayRequest(), &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return status.ok();
  }
  double Metric(const std::string& name) {
    for (const auto& family : process->Collect()) {
      if (family.name != name) continue;
      const auto& metric = family.metric.front();
      return family.type == prometheus::MetricType::Gauge ? metric.gauge.value : metric.counter.value;
    }
    return -1;
  }

  std::shared_ptr<prometheus::Registry> process = std::make_shared<prometheus::Registry>();
};

TEST_F(ConnectionsTest, AreLimitedAndReplacedOnceTheyEnd) {
  options.max_connections = 8;
  StartWithRegistry();
  std::vector<RawGrpc> silent;
  for (int i = 0; i < 8; ++i) silent.push_back(Connect());
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(Connect().EndsWithin(10)) << "one too many is told so";
  EXPECT_EQ(Metric("throughline_connections"), 8);
  EXPECT_EQ(Metric("throughline_connections_refused_total"), 50);
  silent.clear();
  EXPECT_TRUE(Served());
}

TEST_F(ConnectionsTest, AreClosedWhenSilentOrIdle) {
  options.greeting = absl::Milliseconds(200);
  options.idle_connection = absl::Milliseconds(200);
  options.max_connections = 2;
  StartWithRegistry();
  RawGrpc silent = Connect(), greeted = Connect();
  EXPECT_TRUE(greeted.Greet());
  EXPECT_TRUE(silent.EndsWithin(10));
  EXPECT_TRUE(greeted.EndsWithin(10));
  EXPECT_TRUE(Served()) << "their places are free";
}

TEST_F(ConnectionsTest, AcceptsAgainAfterDescriptorsRanOut) {
  StartWithRegistry();
  ASSERT_TRUE(Served());
  std::vector<int> waiting;
  for (int i = 0; i < 16; ++i) waiting.push_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  std::vector<int> hoard;
  for (int fd; (fd = dup(0)) >= 0;) hoard.push_back(fd);
  ASSERT_EQ(errno, EMFILE);
  const sockaddr_in address = Loopback(server->port());
  for (const int fd : waiting) ASSERT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  pollfd first{waiting.front(), POLLIN, 0};
  EXPECT_EQ(poll(&first, 1, 200), 0) << "there was a descriptor left";
  for (const int fd : hoard) close(fd);
  EXPECT_GT(poll(&first, 1, 10'000), 0) << "those that waited are greeted";
  EXPECT_TRUE(Served());
  for (const int fd : waiting) close(fd);
}

}  // namespace
}  // namespace throughline::server::testing

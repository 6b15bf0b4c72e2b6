// Connecting through a network that takes its time.

#include <thread>

#include "absl/time/clock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"

#include "libs/client/client.h"
#include "tests/support/tcp_proxy.h"
#include "throughline/intake/v1/queries.pb.h"

namespace throughline::client {
namespace {

// A server far away or under load answers the first bytes late. Giving up on it after the short time that is meant for
// one that refuses would never reach it.
TEST(Connect, WaitsForAServerThatAnswersLate) {
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  ASSERT_NE(server, nullptr);
  testing::TcpProxy network;
  network.ForwardTo(port);
  network.Be(testing::TcpProxy::Mode::kStall);
  std::thread late([&] {
    absl::SleepFor(absl::Milliseconds(1500));
    network.Be(testing::TcpProxy::Mode::kForward);
  });
  const Client client({.address = "127.0.0.1:" + std::to_string(network.port()), .tries = 1});
  const absl::Status status = client.Call<intake::v1::GetCaseResponse>(intake::v1::GetCaseRequest()).status();
  late.join();
  EXPECT_TRUE(absl::IsUnimplemented(status)) << status;  // it has no services, and says so
}

}  // namespace
}  // namespace throughline::client

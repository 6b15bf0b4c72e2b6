// Connecting through a slow or broken network.

#include <thread>

#include "absl/time/clock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"

#include "libs/client/client.h"
#include "tests/support/network/tcp_proxy.h"
#include "throughline/intake/v1/queries.pb.h"

namespace throughline::client {
namespace {

class Connect : public ::testing::Test {
 protected:
  Connect() {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    server_ = builder.BuildAndStart();
    network_.ForwardTo(port);
    options_.address = "127.0.0.1:" + std::to_string(network_.port());
    options_.tries = 1;
  }
  // UNIMPLEMENTED: the server was reached; it has no services.
  static bool Answers(const Client& client) {
    const absl::Status status = client.Call<intake::v1::GetCaseResponse>(intake::v1::GetCaseRequest()).status();
    if (!absl::IsUnimplemented(status)) ADD_FAILURE() << status;
    return absl::IsUnimplemented(status);
  }

  std::unique_ptr<grpc::Server> server_;
  testing::TcpProxy network_;
  Options options_;
};

// A server that is far away or under load sends its first bytes late. The short timeout meant for servers that refuse
// must not apply to it.
TEST_F(Connect, WaitsForAServerThatAnswersLate) {
  network_.Be(testing::TcpProxy::Mode::kStall);
  std::thread late([&] {
    absl::SleepFor(absl::Milliseconds(1500));
    network_.Be(testing::TcpProxy::Mode::kForward);
  });
  EXPECT_TRUE(Answers(Client(options_)));
  late.join();
}

TEST_F(Connect, AWatchEndsWhenTheServerDisappearsSilently) {
  options_.silence = absl::Milliseconds(1500);
  const Client client(options_);
  ASSERT_TRUE(Answers(client));
  network_.Be(testing::TcpProxy::Mode::kStall);
  const absl::Time begin = absl::Now();
  const absl::Status status = client.Watch<intake::v1::WatchCaseResponse>(
      intake::v1::WatchCaseRequest(), [](const intake::v1::WatchCaseResponse&) { return true; }, absl::Minutes(1));
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_LT(absl::Now() - begin, absl::Seconds(30));
}

}  // namespace
}  // namespace throughline::client

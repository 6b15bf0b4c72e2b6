#include "libs/client/health.h"

#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/health_check_service_interface.h"
#include "gtest/gtest.h"

#include "libs/client/services.h"
#include "tests/support/eventually.h"
#include "tests/support/network/tcp_proxy.h"

namespace throughline::client {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using State = ServerHealth::State;

// A server with nothing but gRPC's health service.
class HealthServer {
 public:
  HealthServer() {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    server_ = builder.BuildAndStart();
  }
  // `service` is its place in AllServices().
  void Set(size_t service, bool serving) {
    server_->GetHealthCheckService()->SetServingStatus(AllServices()[service]->full_name(), serving);
  }
  int port() const { return port_; }
  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

auto Is(const std::string& address, const std::string& service, State state) {
  return AllOf(Field(&ServerHealth::address, address), Field(&ServerHealth::service, service),
               Field(&ServerHealth::state, state));
}

std::vector<ServerHealth> Ask(const std::string& address, const std::vector<std::string>& services = {},
                              std::optional<absl::Duration> wait = std::nullopt) {
  const auto found = AskHealth({.address = address}, services, wait);
  EXPECT_TRUE(found.ok()) << found.status();
  return found.value_or(std::vector<ServerHealth>());
}

TEST(Health, LeavesOutWhatAnAddressDoesNotServe) {
  HealthServer one, other;
  one.Set(0, true);
  other.Set(0, false);
  other.Set(1, true);
  EXPECT_THAT(Ask(one.address()), ElementsAre(Is(one.address(), "intake", State::kServing)));
  EXPECT_THAT(
      Ask(one.address() + "," + other.address()),
      ElementsAre(Is(one.address(), "intake", State::kServing), Is(other.address(), "intake", State::kNotServing),
                  Is(other.address(), "ownership", State::kServing)));
}

TEST(Health, ReportsWhatANamedAddressDoesNotServe) {
  HealthServer server;
  server.Set(0, true);
  const std::vector<ServerHealth> named = Ask("ownership=" + server.address());
  EXPECT_THAT(named, ElementsAre(Is(server.address(), "ownership", State::kNotServedThere)));
  EXPECT_FALSE(AllServe(named));
  EXPECT_THAT(Ask(server.address(), {"ownership", "intake"}),
              ElementsAre(Is(server.address(), "intake", State::kServing),
                          Is(server.address(), "ownership", State::kNotServedThere)));
}

TEST(Health, AServerOfOtherServicesDoesNotServe) {
  const HealthServer stranger;
  const std::vector<ServerHealth> found = Ask(stranger.address());
  EXPECT_EQ(found.size(), 4u);
  EXPECT_FALSE(AllServe(found));
}

TEST(Health, WaitsUntilAllServe) {
  HealthServer one, other;
  testing::TcpProxy proxy;
  proxy.ForwardTo(other.port());
  one.Set(0, true);
  other.Set(0, false);
  const std::string addresses = absl::StrCat("intake=", one.address(), ",127.0.0.1:", proxy.port());
  std::vector<ServerHealth> found;
  std::thread waiting([&] { found = Ask(addresses, {}, absl::Minutes(1)); });
  EXPECT_TRUE(Eventually([&] { return proxy.traffic().forwarded_answers > 0; }));
  proxy.CutAll();  // a server that is lost is asked again
  EXPECT_TRUE(Eventually([&] { return proxy.traffic().connections > 1; }));
  other.Set(0, true);
  waiting.join();
  EXPECT_EQ(found.size(), 2u);
  EXPECT_TRUE(AllServe(found));
}

TEST(Health, TellsWhatItSawLastWhenItWaitedInVain) {
  HealthServer server;
  server.Set(0, false);
  const std::vector<ServerHealth> found = Ask("intake=127.0.0.1:1," + server.address(), {}, absl::Milliseconds(300));
  EXPECT_THAT(found, ElementsAre(Is("127.0.0.1:1", "intake", State::kNotReached),
                                 Is(server.address(), "intake", State::kNotServing)));
  EXPECT_THAT(std::string(found.front().why.message()), ::testing::HasSubstr("refused")) << "why, not only how long";
}

TEST(Health, NeedsAnAddressForEachService) {
  EXPECT_TRUE(absl::IsInvalidArgument(AskHealth({.address = "intake=127.0.0.1:1"}, {"ownership"}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(AskHealth({.address = "http://x"}, {}).status()));
}

}  // namespace
}  // namespace throughline::client

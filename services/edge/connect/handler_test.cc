// Calls through the edge to a gRPC server: what Connect's own suite (scripts/conformance) does not ask.

#include "services/edge/connect/handler.h"

#include <fstream>
#include <thread>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"

#include "services/edge/connect/envelope.h"
#include "services/edge/connect/gzip.h"
#include "services/edge/http/server.h"
#include "services/edge/testing/peer.h"
#include "tests/conformance/conformance_service.h"
#include "tests/support/eventually.h"

namespace throughline::edge::connect {
namespace {

using edge::testing::Peer;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kService[] = "/connectrpc.conformance.v1.ConformanceService/";

class HandlerTest : public ::testing::Test {
 protected:
  HandlerTest() { StartBackend(); }
  ~HandlerTest() override { StopEdge(); }

  void StartBackend() {
    service_ = conformance::MakeConformanceService();
    grpc::ServerBuilder builder;
    // A port that was ours is free again for us.
    builder.AddListeningPort(absl::StrCat("127.0.0.1:", backend_port_), grpc::InsecureServerCredentials(),
                             &backend_port_);
    builder.RegisterService(service_.get());
    backend_ = builder.BuildAndStart();
    ASSERT_NE(backend_, nullptr);
  }
  void StopBackend() {
    backend_->Shutdown(std::chrono::system_clock::now());
    backend_.reset();
  }
  void StartEdge(const std::string& more_addresses = "") {
    const auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
        "connectrpc.conformance.v1.ConformanceService");
    forwarder_ = std::make_unique<client::Forwarder>(
        client::Options{.address = absl::StrCat(more_addresses, "127.0.0.1:", backend_port_)}, std::vector{descriptor});
    handler_ = std::make_unique<Handler>(*forwarder_, std::vector{descriptor}, options);
    auto started =
        http::Server::Start(http_options, std::make_shared<prometheus::Registry>(),
                            [this](std::shared_ptr<http::Exchange> exchange) { handler_->Handle(exchange); });
    ASSERT_TRUE(started.ok()) << started.status();
    server = *std::move(started);
  }
  void StopEdge() {
    server.reset();
    handler_.reset();
    forwarder_.reset();
  }

  std::string Post(const std::string& method, const std::string& body, const std::string& headers = "") const {
    return absl::StrCat("POST ", kService, method, " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n",
                        headers, "Content-Length: ", body.size(), "\r\n\r\n", body);
  }
  std::string PostStream(const std::string& json, const std::string& headers = "") const {
    const std::string body = Enclose(0, json);
    return absl::StrCat("POST ", kService,
                        "ServerStream HTTP/1.1\r\nHost: a\r\nContent-Type: application/connect+json\r\n", headers,
                        "Content-Length: ", body.size(), "\r\n\r\n", body);
  }
  Peer::Answer Ask(const std::string& request) const {
    Peer peer(server->port());
    peer.Send(request);
    return peer.Read();
  }

  Options options;
  http::Options http_options;
  std::unique_ptr<http::Server> server;

 private:
  std::unique_ptr<grpc::Service> service_;
  int backend_port_ = 0;
  std::unique_ptr<grpc::Server> backend_;
  std::unique_ptr<client::Forwarder> forwarder_;
  std::unique_ptr<Handler> handler_;
};

TEST_F(HandlerTest, AnswersPlainJsonOfCurl) {
  StartEdge();
  const Peer::Answer answer = Ask(Post("Unary", R"({"responseDefinition": {"responseData": "aGk="}})"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("content-type"), "application/json");
  EXPECT_EQ(answer.header("cache-control"), "no-store");
  EXPECT_THAT(answer.body, HasSubstr(R"("payload":{"data":"aGk=")"));
  const Peer::Answer wrong = Ask(Post("Unary", R"({"responseDefinitions": {}})"));
  EXPECT_EQ(wrong.status, 400);
  EXPECT_THAT(wrong.body, AllOf(HasSubstr(R"("code":"invalid_argument")"), HasSubstr("responseDefinitions")));
}

TEST_F(HandlerTest, ReadsMayUseGetAndOthersMayNot) {
  StartEdge();
  const auto get = [&](const std::string& target) {
    return Ask(absl::StrCat("GET ", kService, target, " HTTP/1.1\r\nHost: a\r\n\r\n"));
  };
  EXPECT_EQ(get("IdempotentUnary?connect=v1&encoding=json&message=%7B%7D").status, 200);
  EXPECT_EQ(get("IdempotentUnary?encoding=json&base64=1&message=e30").status, 200);
  EXPECT_EQ(get("IdempotentUnary?encoding=xml&message=%7B%7D").status, 415);
  EXPECT_EQ(get("IdempotentUnary?connect=v2&encoding=json&message=%7B%7D").status, 400);
  EXPECT_EQ(get("IdempotentUnary?encoding=json").status, 400);
  EXPECT_EQ(get("IdempotentUnary?encoding=json&message=%zz").status, 400);
  EXPECT_EQ(get("IdempotentUnary?encoding=json&base64=1&message=%21").status, 400);
  EXPECT_EQ(get("IdempotentUnary?encoding=json&compression=br&message=e30").status, 501);
  const Peer::Answer refused = get("Unary?encoding=json&message=%7B%7D");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.header("allow"), "POST");
  EXPECT_EQ(get("ServerStream?encoding=json&message=%7B%7D").status, 405);
  EXPECT_EQ(get("NoSuchCall").status, 404);
}

TEST_F(HandlerTest, PassesTheCredentialAndNothingElseThatSaysWhoCalls) {
  StartEdge();
  const std::string body =
      Ask(Post("Unary", "{}", "Authorization: Bearer t\r\nX-User: boss\r\nGrpc-Timeout: 1m\r\n")).body;
  EXPECT_THAT(body, AllOf(HasSubstr("Bearer t"), Not(HasSubstr("boss")), Not(HasSubstr("1m"))));
  EXPECT_THAT(body, Not(HasSubstr("x-user")));
  const Peer::Answer wrong = Ask(Post("Unary", "{}", "Authorization: Bearer \xc3\xa4\r\n"));
  EXPECT_EQ(wrong.status, 400) << "gRPC cannot carry it";
}

TEST_F(HandlerTest, SaysWhyAndWhenToTryAgain) {
  StartEdge();
  const Peer::Answer busy = Ask(Post("Unary", R"({"responseDefinition": {"error": {"code": "CODE_RESOURCE_EXHAUSTED",
      "message": "later", "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "2.5s"}]}}})"));
  EXPECT_EQ(busy.status, 429);
  EXPECT_EQ(busy.header("retry-after"), "3");
  EXPECT_THAT(busy.body, AllOf(HasSubstr(R"("message":"later")"), HasSubstr(R"("debug":{"retryDelay":"2.500s"})")));
  const Peer::Answer unknown =
      Ask(Post("Unary", R"({"responseDefinition": {"error": {"code": "CODE_UNAUTHENTICATED"}}})"));
  EXPECT_EQ(unknown.status, 401);
  EXPECT_EQ(unknown.header("www-authenticate"), "Bearer");
}

TEST_F(HandlerTest, ABackendThatIsDownIs503UntilItIsBack) {
  StartEdge();
  EXPECT_EQ(Ask(Post("Unary", "{}")).status, 200);
  StopBackend();
  const Peer::Answer down = Ask(Post("Unary", "{}"));
  EXPECT_EQ(down.status, 503);
  EXPECT_EQ(down.header("retry-after"), "1");
  EXPECT_THAT(down.body, HasSubstr(R"("code":"unavailable")"));
  const Peer::Answer stream = Ask(PostStream("{}"));
  EXPECT_EQ(stream.status, 200);
  EXPECT_THAT(stream.body, HasSubstr(R"({"error":{"code":"unavailable")"));
  StartBackend();
  EXPECT_TRUE(Eventually([&] { return Ask(Post("Unary", "{}")).status == 200; }));
}

TEST_F(HandlerTest, AReadGoesToTheReplicaThatAnswers) {
  StartEdge("127.0.0.1:1,");  // nobody listens there
  const std::string get =
      absl::StrCat("GET ", kService, "IdempotentUnary?encoding=json&message=%7B%7D HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(Ask(get).status, 200);
  // What may have an effect twice is not repeated, but the dead replica is avoided from now on.
  EXPECT_EQ(Ask(Post("Unary", "{}")).status, 200);
}

TEST_F(HandlerTest, HoldsToTheClientsDeadline) {
  options.deadline = absl::Milliseconds(200);
  StartEdge();
  const std::string slow = R"({"responseDefinition": {"responseDelayMs": 1000}})";
  EXPECT_EQ(Ask(Post("Unary", slow)).status, 504) << "its own";
  EXPECT_EQ(Ask(Post("Unary", slow, "Connect-Timeout-Ms: 100\r\n")).status, 504);
  EXPECT_EQ(Ask(Post("Unary", "{}", "Connect-Timeout-Ms: 0\r\n")).status, 504);
  for (const char* wrong : {"", "-1", "1.5", "12345678901", "1s"}) {
    EXPECT_EQ(Ask(Post("Unary", "{}", absl::StrCat("Connect-Timeout-Ms: ", wrong, "\r\n"))).status, 400) << wrong;
  }
}

// gRPC carries 2001 milliseconds as 2010, 11001 as 11100: a service that gives up after its caller is heard by nobody.
TEST_F(HandlerTest, AServiceNeverHasMoreTimeThanTheClientGave) {
  StartEdge();
  for (const int timeout : {1001, 2000, 2001, 9999, 11001, 101001, 1001001}) {
    const Peer::Answer answer = Ask(Post("Unary", "{}", absl::StrCat("Connect-Timeout-Ms: ", timeout, "\r\n")));
    const std::string name = "\"timeoutMs\":\"";
    const size_t at = answer.body.find(name);
    ASSERT_NE(at, std::string::npos) << answer.body;
    const int64_t echoed = std::atoll(answer.body.c_str() + at + name.size());
    EXPECT_LE(echoed, timeout);
    EXPECT_GE(echoed, timeout * 9 / 10);
  }
}

int64_t PeakKib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return std::atoll(line.c_str() + 6);
  }
  return 0;
}

TEST_F(HandlerTest, ABombIsNotUnpacked) {
  StartEdge();
  const std::string bomb = Compress(std::string(200 << 20, ' '));
  ASSERT_LT(bomb.size(), http_options.limits.body_bytes);
  std::ofstream("/proc/self/clear_refs") << "5";  // the peak from here on
  const int64_t before = PeakKib();
  for (int i = 0; i < 20; ++i) {
    const Peer::Answer refused = Ask(Post("Unary", bomb, "Content-Encoding: gzip\r\n"));
    EXPECT_EQ(refused.status, 429);
    EXPECT_THAT(refused.body, HasSubstr("when decompressed"));
  }
  const std::string body = Enclose(Envelope::kCompressed, bomb);
  const Peer::Answer stream = Ask(
      absl::StrCat("POST ", kService, "ServerStream HTTP/1.1\r\nHost: a\r\nContent-Type: application/connect+json\r\n",
                   "Connect-Content-Encoding: gzip\r\nContent-Length: ", body.size(), "\r\n\r\n", body));
  EXPECT_THAT(stream.body, HasSubstr("resource_exhausted"));
  EXPECT_LT(PeakKib() - before, 32 << 10) << "KiB, for 21 bombs of 200 MiB";
}

TEST_F(HandlerTest, AStreamGivesEachMessageAtOnce) {
  StartEdge();
  Peer peer(server->port());
  peer.Send(PostStream(R"({"responseDefinition": {"responseData": ["YQ==", "Yg=="], "responseDelayMs": 100}})"));
  EXPECT_EQ(peer.ReadHead().status, 200);
  const absl::Time begin = absl::Now();
  EXPECT_THAT(peer.ReadChunk(), HasSubstr(R"("data":"YQ==")"));
  EXPECT_LT(absl::Now() - begin, absl::Milliseconds(190)) << "before the second was made";
  EXPECT_THAT(peer.ReadChunk(), HasSubstr(R"("data":"Yg==")"));
  EXPECT_EQ(peer.ReadChunk(), Enclose(Envelope::kEndOfStream, "{}"));
  EXPECT_EQ(peer.ReadChunk(), "");
  peer.Send(Post("Unary", "{}"));
  EXPECT_EQ(peer.Read().status, 200) << "the connection goes on";
}

TEST_F(HandlerTest, ACallWhoseClientHasGoneEnds) {
  options.message_bytes = 8 << 20;
  http_options.limits.body_bytes = 8 << 20;
  StartEdge();
  {
    Peer stream(server->port()), unary(server->port()), full(server->port());
    stream.Send(PostStream(R"({"responseDefinition": {"responseData": ["YQ==", "Yg=="], "responseDelayMs": 3000}})"));
    EXPECT_EQ(stream.ReadHead().status, 200);
    unary.Send(Post("Unary", R"({"responseDefinition": {"responseDelayMs": 3000}})"));
    // It does not read: the stream waits for it, and not for the server.
    full.Send(PostStream(R"({"responseDefinition": {"responseData": [")" + std::string(1'300'000, 'a') + R"(", ")" +
                         std::string(1'300'000, 'a') + R"(", ")" + std::string(1'300'000, 'a') + R"("]}})"));
    EXPECT_EQ(full.ReadHead().status, 200);
  }
  EXPECT_TRUE(Eventually([&] { return server->connections() == 0; }));
  const absl::Time begin = absl::Now();
  StopEdge();  // waits for calls under way
  EXPECT_LT(absl::Now() - begin, absl::Seconds(2));
}

TEST_F(HandlerTest, AStreamIsToldThatTheServerStops) {
  StartEdge();
  Peer peer(server->port());
  peer.Send(PostStream(R"({"responseDefinition": {"responseData": ["YQ==", "Yg=="], "responseDelayMs": 2000}})"));
  EXPECT_EQ(peer.ReadHead().status, 200);
  std::thread stop([&] { EXPECT_TRUE(server->Stop(absl::Seconds(10))); });
  EXPECT_THAT(peer.ReadChunk(), HasSubstr(R"({"error":{"code":"unavailable","message":"the server stops)"));
  EXPECT_EQ(peer.ReadChunk(), "");
  peer.Close();
  stop.join();
}

}  // namespace
}  // namespace throughline::edge::connect

// The life cycle of a server: start and its errors, health, drain.

#include <cstdlib>
#include <filesystem>
#include <thread>
#include <utility>

#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/generic/generic_stub.h"

#include "libs/files/whole_file.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/server/operations/operations_port.h"
#include "libs/server/testing/fixture.h"
#include "tests/support/eventually.h"
#include "tests/support/network/loopback.h"

namespace throughline::server::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST_F(ServerTest, ReportsThatThePortIsTaken) {
  Start();
  ServerOptions same = options;
  same.port = server->port();
  auto second = Server::Start(same, *authenticator, {{&api, registry}});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(std::to_string(server->port())));
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("choose another port"));
  auto operations = OperationsPort::Start({.port = server->port()}, {});
  EXPECT_THAT(std::string(operations.status().message()),
              AllOf(HasSubstr("cannot listen for metrics"), HasSubstr("--metrics-port")));
}

TEST_F(ServerTest, DoesNotServeAnIncompleteApi) {
  Api open("throughline.server.testing.OpenService");
  open.Unary<AnyoneRequest, AnyoneResponse>("Anyone", [](const Context&, AnyoneRequest, Reply<AnyoneResponse>) {});
  EXPECT_THAT(std::string(Server::Start(options, *authenticator, {{&open, registry}}).status().message()),
              HasSubstr("access"));
  Api missing("throughline.server.testing.EchoService");
  EXPECT_THAT(std::string(Server::Start(options, *authenticator, {{&missing, registry}}).status().message()),
              HasSubstr("no handler for Say, Hold, Watch, Show, Follow, Push"));
  Api unknown("throughline.server.testing.NoService");
  EXPECT_THAT(std::string(Server::Start(options, *authenticator, {{&unknown, registry}}).status().message()),
              HasSubstr("NoService"));
}

TEST_F(ServerTest, NamesTheTlsFileThatItCannotRead) {
  options.tls = TlsOptions{.certificate_file = directory + "/no.pem", .key_file = directory + "/no.key"};
  EXPECT_THAT(std::string(Server::Start(options, *authenticator, {{&api, registry}}).status().message()),
              HasSubstr("no.pem"));
}

// Makes a self-signed certificate for `localhost` with the openssl program. Empty: the program is missing.
std::string MakeCertificate(const std::string& directory) {
  const std::string command =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "
      "/CN=localhost -addext subjectAltName=DNS:localhost -keyout " +
      directory + "/key.pem -out " + directory + "/cert.pem 2>/dev/null";
  if (std::system(command.c_str()) != 0) return "";
  return files::ReadFile(directory + "/cert.pem").value_or("");
}

TEST_F(ServerTest, DoesNotServeOtherMachinesWithoutTls) {
  for (const char* host : {"0.0.0.0", "::", "[::]"}) {
    options.host = host;
    const absl::Status status = Server::Start(options, *authenticator, {{&api, registry}}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(status.message()), HasSubstr("can be reached from other machines")) << host;
  }
  options.host = "0.0.0.0";
  options.insecure = true;
  Start();
  auto context = As("ana");
  SayResponse response;
  EXPECT_TRUE(Client()->Say(context.get(), SayRequest(), &response).ok());
}

TEST_F(ServerTest, DoesNotStartWithAKeyOfAnotherCertificate) {
  const std::string other = directory + "/other";
  std::filesystem::create_directory(other);
  if (MakeCertificate(directory).empty() || MakeCertificate(other).empty()) {
    GTEST_SKIP() << "the openssl program is not installed";
  }
  options.tls = TlsOptions{.certificate_file = directory + "/cert.pem", .key_file = other + "/key.pem"};
  const absl::Status status = Server::Start(options, *authenticator, {{&api, registry}}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("does not belong to the certificate"));
}

TEST_F(ServerTest, RequiresAClientCertificateWithAClientCa) {
  const std::string certificate = MakeCertificate(directory);
  if (certificate.empty()) GTEST_SKIP() << "the openssl program is not installed";
  const std::string key = files::ReadFile(directory + "/key.pem").value_or("");
  options.tls = TlsOptions{directory + "/cert.pem", directory + "/key.pem", directory + "/cert.pem"};
  Start();
  const auto say = [&](const grpc::SslCredentialsOptions& credentials) {
    auto stub = EchoService::NewStub(
        grpc::CreateChannel("localhost:" + std::to_string(server->port()), grpc::SslCredentials(credentials)));
    auto context = As("ana");
    SayResponse response;
    return stub->Say(context.get(), SayRequest(), &response);
  };
  const grpc::Status with = say({certificate, key, certificate});
  EXPECT_TRUE(with.ok()) << with.error_message();
  EXPECT_EQ(say({certificate, "", ""}).error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(ServerTest, DrainEndsStreamsAndWaitsForCalls) {
  Start();
  auto client = Client();
  auto watch_context = As("dashboard");
  auto watch = client->Watch(watch_context.get(), WatchRequest());
  auto watch_writer = watches.Take();
  auto push_context = As("ups");
  auto push = client->Push(push_context.get());
  auto session = pushes.Take();
  PushRequest request;
  request.set_number(1);
  ASSERT_TRUE(push->Write(request));
  session->messages.Take();
  auto call_context = As("ana");
  HoldResponse response;
  HoldRequest hold;
  absl::Notification answered;
  client->async()->Hold(call_context.get(), &hold, &response, [&answered](grpc::Status status) {
    EXPECT_TRUE(status.ok());
    answered.Notify();
  });
  auto reply = held.Take();

  std::thread stopper([this] { server->Shutdown(absl::Seconds(20)); });
  session->half_closed.WaitForNotification();  // the session may still acknowledge what it has
  PushResponse acknowledgement;
  acknowledgement.set_number(1);
  EXPECT_TRUE(session->writer->Write(acknowledgement));
  session->writer->Finish(absl::OkStatus());
  EXPECT_TRUE(push->Read(&acknowledgement));
  EXPECT_FALSE(push->Read(&acknowledgement));
  EXPECT_EQ(runtime::ReasonOf(FromGrpc(push->Finish())), "SHUTTING_DOWN");
  WatchResponse update;
  EXPECT_FALSE(watch->Read(&update));
  EXPECT_EQ(runtime::ReasonOf(FromGrpc(watch->Finish())), "SHUTTING_DOWN");
  (*reply)(HoldResponse());
  const absl::Time before = absl::Now();
  stopper.join();
  EXPECT_LT(absl::Now() - before, absl::Seconds(10));  // nothing was waited for in vain
  answered.WaitForNotification();
}

TEST_F(ServerTest, DrainCancelsCallsAfterTheGracePeriod) {
  Start();
  auto client = Client();
  auto push_context = As("ups");
  auto push = client->Push(push_context.get());
  auto session = pushes.Take();  // which does not finish when asked
  server->Shutdown(absl::Milliseconds(50));
  session->over.WaitForNotification();
  EXPECT_FALSE(push->Finish().ok());
}

// The stream's handler is slow, so that the drain meets a call without a session.
TEST_F(ServerTest, DrainEndsAStreamWithoutASessionYet) {
  absl::Notification opening, open;
  Api slow("throughline.server.testing.EchoService");
  slow.Unary<SayRequest, SayResponse>("Say", [](const Context&, SayRequest, Reply<SayResponse>) {});
  slow.Unary<HoldRequest, HoldResponse>("Hold", [](const Context&, HoldRequest, Reply<HoldResponse>) {});
  slow.Unary<ShowRequest, ShowResponse>("Show", [](const Context&, ShowRequest, Reply<ShowResponse>) {});
  slow.ServerStream<FollowRequest, FollowResponse>("Follow", [](const Context&, FollowRequest, auto) {});
  slow.ServerStream<WatchRequest, WatchResponse>(
      "Watch", [this](const Context&, WatchRequest, std::shared_ptr<ResponseStream<WatchResponse>> writer) {
        watches.Put(std::move(writer));
      });
  slow.BidiStream<PushRequest, PushResponse>("Push", kWindow,
                                             [&](const Context&, std::shared_ptr<ResponseStream<PushResponse>> writer) {
                                               opening.Notify();
                                               open.WaitForNotification();
                                               auto session = std::make_shared<PushSession>(std::move(writer));
                                               pushes.Put(session);
                                               return session;
                                             });
  auto started = Server::Start(options, *authenticator, {{&slow, registry}});
  ASSERT_TRUE(started.ok()) << started.status();
  server = *std::move(started);
  auto client = Client();
  auto push_context = As("ups");
  auto push = client->Push(push_context.get());
  opening.WaitForNotification();
  auto watch_context = As("dashboard");
  auto watch = client->Watch(watch_context.get(), WatchRequest());
  auto watch_writer = watches.Take();

  const absl::Time before = absl::Now();
  std::thread stopper([this] { server->Shutdown(absl::Seconds(15)); });
  // The drain asks streams in the order of arrival: once this one has ended, it has asked the other.
  EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  open.Notify();
  auto session = pushes.Take();
  EXPECT_TRUE(session->half_closed.WaitForNotificationWithTimeout(absl::Seconds(10)));
  session->writer->Finish(absl::OkStatus());
  EXPECT_EQ(runtime::ReasonOf(FromGrpc(push->Finish())), "SHUTTING_DOWN");
  stopper.join();
  EXPECT_LT(absl::Now() - before, absl::Seconds(10));
  session.reset();
  server.reset();  // before the handlers that it has
}

TEST_F(ServerTest, ListensOnIpv6) {
  options.host = "::1";
  if (!throughline::testing::HasIpv6()) {
    EXPECT_THAT(std::string(Server::Start(options, *authenticator, {{&api, registry}}).status().message()),
                HasSubstr("this machine does not have that address"));
    return;
  }
  Start();
  auto stub = EchoService::NewStub(
      grpc::CreateChannel("[::1]:" + std::to_string(server->port()), grpc::InsecureChannelCredentials()));
  auto context = As("ana");
  SayResponse response;
  const grpc::Status status = stub->Say(context.get(), SayRequest(), &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  ServerOptions same = options;
  same.port = server->port();
  EXPECT_THAT(std::string(Server::Start(same, *authenticator, {{&api, registry}}).status().message()),
              AllOf(HasSubstr("[::1]:" + std::to_string(same.port)), HasSubstr("another program has the port")));
}

// A stream of gRPC's reflection service, which takes no token.
class ReflectionStream {
 public:
  explicit ReflectionStream(int port)
      : stub_(grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials())) {
    stream_ = stub_.PrepareCall(&context_, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", &queue_);
    stream_->StartCall(nullptr);
    Wait();
  }
  ~ReflectionStream() {
    context_.TryCancel();
    Finish();
    queue_.Shutdown();
  }
  // The answer to `list_services`; empty: the stream has ended.
  std::string ListServices() { return Ask("\x3a\x01*"); }
  // The answer to `file_containing_symbol`.
  std::string FileOf(const std::string& symbol) {
    return Ask("\x22" + std::string(1, static_cast<char>(symbol.size())) + symbol);
  }
  std::string Ask(const std::string& question) {
    const grpc::Slice request(question);
    grpc::ByteBuffer answer;
    stream_->Write(grpc::ByteBuffer(&request, 1), nullptr);
    Wait();
    stream_->Read(&answer, nullptr);
    if (!Wait()) return "";
    std::vector<grpc::Slice> slices;
    EXPECT_TRUE(answer.Dump(&slices).ok());
    std::string text;
    for (const auto& slice : slices) text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    return text;
  }
  grpc::Status Finish() {
    if (!std::exchange(finished_, true)) {
      stream_->Finish(&status_, nullptr);
      Wait();
    }
    return status_;
  }

 private:
  bool Wait() {
    void* tag;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  bool finished_ = false;
  grpc::Status status_;
};

TEST_F(ServerTest, ReflectsItsContractToALimitedNumberOfStreams) {
  Start();
  std::vector<std::unique_ptr<ReflectionStream>> open;
  while (open.size() < 100) {
    open.push_back(std::make_unique<ReflectionStream>(server->port()));
    const std::string services = open.back()->ListServices();
    if (services.empty()) break;
    EXPECT_THAT(services, HasSubstr("throughline.server.testing.EchoService"));
  }
  ASSERT_GT(open.size(), 8u);
  ASSERT_LT(open.size(), 100u);
  EXPECT_EQ(open.back()->Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  auto context = As("ana");
  SayResponse response;
  EXPECT_TRUE(Client()->Say(context.get(), SayRequest(), &response).ok());  // others are served all the same
  open.clear();
  // Their threads are free once the server has noticed their end.
  EXPECT_TRUE(Eventually([&] { return !ReflectionStream(server->port()).ListServices().empty(); }));
}

// For grpcurl, which first asks for the descriptor.
TEST_F(ServerTest, ReflectsTheHealthService) {
  Start();
  ReflectionStream stream(server->port());
  EXPECT_THAT(stream.ListServices(), HasSubstr("grpc.health.v1.Health"));
  EXPECT_THAT(stream.FileOf("grpc.health.v1.Health"),
              AllOf(HasSubstr("HealthCheckRequest"), HasSubstr("SERVICE_UNKNOWN")));
}

TEST_F(ServerTest, ReportsHealthChangesOnly) {
  Start();
  const std::string name = "throughline.server.testing.EchoService";
  auto stub = grpc::health::v1::Health::NewStub(
      grpc::CreateChannel("127.0.0.1:" + std::to_string(server->port()), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(name);
  auto watch = stub->Watch(&context, request);
  const auto next = [&] {
    grpc::health::v1::HealthCheckResponse response;
    return watch->Read(&response) ? response.status() : grpc::health::v1::HealthCheckResponse::UNKNOWN;
  };
  using grpc::health::v1::HealthCheckResponse;
  EXPECT_EQ(next(), HealthCheckResponse::NOT_SERVING);
  server->SetServing(name, true);
  EXPECT_EQ(next(), HealthCheckResponse::SERVING);
  server->SetServing(name, true);
  server->SetServing(name, false);
  EXPECT_EQ(next(), HealthCheckResponse::NOT_SERVING);
}

TEST_F(ServerTest, ReportsHealthWithoutAToken) {
  Start();
  auto stub = grpc::health::v1::Health::NewStub(
      grpc::CreateChannel("127.0.0.1:" + std::to_string(server->port()), grpc::InsecureChannelCredentials()));
  const auto check = [&stub](const std::string& service) {
    grpc::ClientContext context;
    grpc::health::v1::HealthCheckRequest request;
    grpc::health::v1::HealthCheckResponse response;
    request.set_service(service);
    const grpc::Status status = stub->Check(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message() << " " << status.error_code() << " for `" << service << "`";
    return response.status() == grpc::health::v1::HealthCheckResponse::SERVING;
  };
  const std::string name = "throughline.server.testing.EchoService";
  EXPECT_FALSE(check(name));
  EXPECT_FALSE(check(""));
  server->SetServing(name, true);
  EXPECT_TRUE(check(name));
  EXPECT_TRUE(check(""));
  server->SetServing(name, false);
  EXPECT_FALSE(check(""));
}

}  // namespace
}  // namespace throughline::server::testing

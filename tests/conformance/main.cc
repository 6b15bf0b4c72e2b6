// The server that Connect's conformance runner starts: reads how to serve from standard input, serves the suite's
// service through the edge, writes where, and ends with a signal.

#include <cstdio>
#include <fstream>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "grpcpp/grpcpp.h"

#include "connectrpc/conformance/v1/server_compat.pb.h"
#include "connectrpc/conformance/v1/service.pb.h"
#include "libs/server/operations/signals.h"
#include "services/edge/connect/handler.h"
#include "services/edge/http/server.h"
#include "tests/conformance/conformance_service.h"
#include "tests/support/test_directory.h"

namespace throughline::conformance {
namespace {

namespace v1 = connectrpc::conformance::v1;

// Four bytes of length, most significant first, and a message.
std::optional<v1::ServerCompatRequest> ReadRequest() {
  unsigned char length[4];
  if (std::fread(length, 1, sizeof length, stdin) != sizeof length) return std::nullopt;
  std::string bytes(size_t{length[0]} << 24 | length[1] << 16 | length[2] << 8 | length[3], '\0');
  v1::ServerCompatRequest request;
  if (std::fread(bytes.data(), 1, bytes.size(), stdin) != bytes.size() || !request.ParseFromString(bytes)) {
    return std::nullopt;
  }
  return request;
}

void WriteResponse(const v1::ServerCompatResponse& response) {
  const std::string bytes = response.SerializeAsString();
  for (const int shift : {24, 16, 8, 0}) std::putchar(static_cast<int>(bytes.size() >> shift & 0xff));
  std::fwrite(bytes.data(), 1, bytes.size(), stdout);
  std::fflush(stdout);
}

std::string Write(const std::string& path, const std::string& content) {
  std::ofstream(path) << content;
  return path;
}

int Main() {
  server::StopSignals signals;
  const std::optional<v1::ServerCompatRequest> wanted = ReadRequest();
  if (!wanted.has_value()) return 1;
  const auto service = MakeConformanceService();
  int backend_port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &backend_port);
  builder.RegisterService(service.get());
  const std::unique_ptr<grpc::Server> backend = builder.BuildAndStart();

  const auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
      "connectrpc.conformance.v1.ConformanceService");
  const client::Forwarder forwarder({.address = absl::StrCat("127.0.0.1:", backend_port)}, {descriptor});
  edge::connect::Options connect{.message_bytes = wanted->message_receive_limit(),
                                 .deadline = absl::InfiniteDuration()};
  connect.headers.in = connect.headers.out = {"x-*"};
  const edge::connect::Handler handler(forwarder, {descriptor}, connect);

  const TestDirectory directory;
  edge::http::Options options;
  // Above the limit of a message, so that the protocol can say what is wrong.
  options.limits.body_bytes = 4 * connect.message_bytes;
  v1::ServerCompatResponse where;
  if (wanted->use_tls()) {
    options.tls = server::TlsOptions{
        .certificate_file = Write(directory.path() + "/cert.pem", wanted->server_creds().cert()),
        .key_file = Write(directory.path() + "/key.pem", wanted->server_creds().key()),
    };
    if (!wanted->client_tls_cert().empty()) {
      options.tls->client_ca_file = Write(directory.path() + "/client.pem", wanted->client_tls_cert());
    }
    where.set_pem_cert(wanted->server_creds().cert());
  }
  const auto server = edge::http::Server::Start(
      options, std::make_shared<prometheus::Registry>(),
      [&handler](std::shared_ptr<edge::http::Exchange> exchange) { handler.Handle(std::move(exchange)); });
  if (!server.ok()) {
    std::fprintf(stderr, "%s\n", std::string(server.status().message()).c_str());
    return 1;
  }
  where.set_host("127.0.0.1");
  where.set_port(static_cast<uint32_t>((*server)->port()));
  WriteResponse(where);
  signals.Wait();
  (*server)->Stop(absl::Seconds(5));
  return 0;
}

}  // namespace
}  // namespace throughline::conformance

int main() { return throughline::conformance::Main(); }

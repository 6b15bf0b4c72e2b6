#include "libs/server/server.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "grpc/health/v1/health.pb.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_credentials_options.h"

#include "libs/server/calls/call_gate.h"
#include "libs/server/operations/metrics.h"
#include "libs/server/transport/acceptor.h"
#include "libs/server/transport/grpc_service.h"
#include "libs/server/transport/listen.h"
#include "libs/server/transport/tls_files.h"

namespace throughline::server {
namespace {

// Reading three small files costs nothing. While a certificate and its key are put in place one after the other, no
// handshake succeeds: this long at most.
constexpr unsigned kCertificateRefreshSeconds = 1;
constexpr int kReflectionThreads = 16;

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> Credentials(const std::optional<TlsOptions>& tls) {
  if (!tls) return grpc::InsecureServerCredentials();
  if (absl::Status status = CheckTlsFiles(*tls); !status.ok()) return status;
  using grpc::experimental::FileWatcherCertificateProvider;
  grpc::experimental::TlsServerCredentialsOptions options(std::make_shared<FileWatcherCertificateProvider>(
      tls->key_file, tls->certificate_file, tls->client_ca_file, kCertificateRefreshSeconds));
  options.watch_identity_key_cert_pairs();
  if (!tls->client_ca_file.empty()) {
    options.watch_root_certs();
    options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return grpc::experimental::TlsServerCredentials(options);
}

void SetLimits(grpc::ServerBuilder& builder, const ServerOptions& options, size_t larger_fields) {
  // Above our own limit, so that our explanation answers most messages that are too large, not gRPC's bare error, which
  // ends the stream. A payload that is too large is refused alone up to four times its limit.
  builder.SetMaxReceiveMessageSize(static_cast<int>(2 * options.requests.max_message_bytes + 4 * larger_fields));
  // gRPC decompresses a message before its size and its credential are checked. So compressed messages are refused, and
  // the filter that decompresses is off as well.
  builder.AddChannelArgument(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET, 1 << GRPC_COMPRESS_NONE);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, options.max_metadata_bytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_streams_per_connection);
  // Silent and idle connections are closed soon, so that they do not keep others out.
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                             static_cast<int>(absl::ToInt64Milliseconds(options.greeting)));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS,
                             static_cast<int>(absl::ToInt64Milliseconds(options.idle_connection)));
  // Clients may ping every 10 seconds, also between calls; those that ping more often are disconnected.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 2);
  // A client that vanished is detected within 80 seconds.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  // Only new connections use a new certificate.
  if (options.tls) builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, 3'600'000);
  grpc::ResourceQuota quota("throughline");
  quota.Resize(options.memory_quota_bytes);
  // Only the synchronous API uses these threads, that is reflection: each of its streams, which need no token, occupies
  // one. A further stream is refused.
  quota.SetMaxThreads(kReflectionThreads);
  builder.SetResourceQuota(quota);
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 2);
}

void EnablePlugins() {
  static std::once_flag once;
  std::call_once(once, [] {
    grpc::EnableDefaultHealthCheckService(true);
    // grpcurl and some load balancers first ask reflection for the descriptor of the health service, which gRPC does
    // not link in. This reference does.
    google::protobuf::LinkMessageReflection<grpc::health::v1::HealthCheckRequest>();
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  });
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                                      const identity::Authenticator& authenticator,
                                                      std::vector<Served> served,
                                                      std::shared_ptr<prometheus::Registry> registry) {
  size_t larger_fields = 0;
  for (const Served& one : served) {
    if (absl::Status status = one.api->Check(); !status.ok()) return status;
    for (const auto& [name, bytes] : one.api->larger_fields()) larger_fields += bytes;
  }
  if (!options.tls && !options.insecure) {
    if (absl::Status status = CheckNotExposed(options.host); !status.ok()) return status;
  }
  auto credentials = Credentials(options.tls);
  if (!credentials.ok()) return credentials.status();
  auto sockets = ListenSockets::Open("gRPC", options.host, options.port);
  if (!sockets.ok()) return sockets.status();
  EnablePlugins();

  auto server = std::unique_ptr<Server>(new Server());
  server->registry_ = registry != nullptr ? std::move(registry) : std::make_shared<prometheus::Registry>();
  server->connections_ = std::make_unique<ConnectionProbe>(*server->registry_);
  server->served_ = std::move(served);
  server->gate_ = std::make_unique<CallGate>(options, authenticator, *server->registry_);
  grpc::ServerBuilder builder;
  SetLimits(builder, options, larger_fields);
  using Builder = grpc::ServerBuilder::experimental_type;
  std::shared_ptr<grpc::experimental::ExternalConnectionAcceptor> to_grpc =
      builder.experimental().AddExternalConnectionAcceptor(Builder::ExternalConnectionType::FROM_FD, *credentials);
  for (const Served& one : server->served_) {
    server->services_.push_back(std::make_unique<GrpcService>(*server->gate_, *one.api, *one.registry, one.name));
    builder.RegisterService(server->services_.back().get());
  }
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr) return absl::InternalError("gRPC does not start: see its log line");
  server->server_->GetHealthCheckService()->SetServingStatus(false);
  absl::MutexLock lock(&server->mu_);
  for (const Served& one : server->served_) {
    const std::string& name = one.api->service()->full_name();
    server->serving_[name] = false;
    server->server_->GetHealthCheckService()->SetServingStatus(name, false);  // makes the service known
  }
  server->port_ = sockets->port();
  server->acceptor_ = std::make_unique<Acceptor>(
      *std::move(sockets),
      Acceptor::Options{.max_connections = options.max_connections,
                        .take =
                            [to_grpc](int fd) {
                              grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
                              connection.fd = fd;
                              to_grpc->HandleNewConnection(&connection);
                            }},
      *server->connections_);
  return server;
}

Server::Server() = default;

Server::~Server() { Shutdown(absl::ZeroDuration()); }

std::shared_ptr<grpc::Channel> Server::OpenChannel() const {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);  // what this process sends to itself
  return server_->InProcessChannel(arguments);
}

void Server::SetServing(const std::string& service, bool serving) {
  absl::MutexLock lock(&mu_);
  const auto it = serving_.find(service);
  if (stopped_ || it == serving_.end() || it->second == serving) return;  // watchers get changes only
  it->second = serving;
  auto* health = server_->GetHealthCheckService();
  health->SetServingStatus(service, serving);
  health->SetServingStatus("", std::all_of(serving_.begin(), serving_.end(), [](const auto& s) { return s.second; }));
}

void Server::Shutdown(absl::Duration grace) {
  {
    absl::MutexLock lock(&mu_);
    if (std::exchange(stopped_, true) || server_ == nullptr) return;
    server_->GetHealthCheckService()->SetServingStatus(false);
  }
  const absl::Time deadline = absl::Now() + grace;
  gate_->DrainAll(deadline);
  acceptor_.reset();
  // The rest is past its deadline, or outside of our calls: arriving requests, health watches and reflection get a
  // moment.
  server_->Shutdown(absl::ToChronoTime(std::min(deadline, absl::Now() + absl::Milliseconds(500))));
  server_->Wait();
}

}  // namespace throughline::server

#include "services/edge/edge.h"

#include "absl/strings/str_cat.h"

#include "libs/client/services.h"
#include "libs/identity/host.h"
#include "libs/server/operations/logging.h"
#include "libs/server/transport/descriptors.h"
#include "libs/server/transport/listen.h"
#include "services/edge/pages/assets.h"

namespace throughline::edge {
namespace {

constexpr int64_t kReservedDescriptors = 192;  // the services' connections, the operations port, refusals, files

}  // namespace

Edge::Edge(Options options)
    : options_(std::move(options)),
      registry_(options_.registry != nullptr ? options_.registry : std::make_shared<prometheus::Registry>()),
      host_(*registry_, {}, options_.http.tls),
      forwarder_(options_.client, options_.services),
      cors_(options_.origins),
      connect_(forwarder_, client::AllServices(), options_.connect) {}

absl::StatusOr<std::unique_ptr<Edge>> Edge::Start(Options options) {
  const absl::StatusOr<int> connections =
      server::ConnectionsWithin(server::RaiseDescriptorLimit(), kReservedDescriptors, options.http.limits.connections);
  if (!connections.ok()) return connections.status();
  options.http.limits.connections = *connections;
  std::unique_ptr<Edge> edge(new Edge(std::move(options)));
  if (absl::Status status = edge->Open(); !status.ok()) return status;
  return edge;
}

absl::Status Edge::Open() {
  if (absl::Status status = forwarder_.Check(); !status.ok()) return status;
  auto tracer = process::NewTracer(options_.tracing, identity::ProcessName(), *registry_);
  if (!tracer.ok()) return tracer.status();
  tracer_ = *std::move(tracer);
  if (!options_.token_file.empty()) {
    auto credential = Credential::Read(options_.token_file);
    if (!credential.ok()) return credential.status();
    credential_ = *std::move(credential);
    orders_ = std::make_shared<orders::OrderPages>(forwarder_, *credential_, options_.orders);
    subscriptions_ = std::make_shared<subscriptions::SubscriptionPages>(
        forwarder_, *credential_, subscriptions::Options{.site = options_.notices.site.title});
  }
  if (!options_.webhooks.endpoints.empty()) {
    if (credential_ == nullptr) {
      return absl::InvalidArgumentError(
          "webhooks need a credential of the edge's own: name its file with --token-file");
    }
    auto webhooks = Webhooks::Open(forwarder_, *registry_, options_.webhooks, *credential_);
    if (!webhooks.ok()) return webhooks.status();
    webhooks_ = *std::move(webhooks);
  }
  http::Options http = options_.http;
  http.tracer = tracer_.get();
  http.limits.body_bytes_below = {
      {Webhooks::kPrefix, options_.webhooks.body_bytes},
      {orders::OrderPages::kPrefix, orders::OrderPages::kBodyBytes},
      {subscriptions::SubscriptionPages::kPrefix, subscriptions::SubscriptionPages::kBodyBytes}};
  auto server = http::Server::Start(http, registry_,
                                    [this](std::shared_ptr<http::Exchange> exchange) { Handle(std::move(exchange)); });
  if (!server.ok()) return server.status();
  server_ = *std::move(server);
  OpenPublicPages();
  if (options_.metrics_port < 0) return absl::OkStatus();
  auto operations =
      server::OperationsPort::Start({.host = options_.metrics_host.empty() ? options_.http.host : options_.metrics_host,
                                     .port = options_.metrics_port,
                                     .tls = options_.metrics_tls ? options_.http.tls : std::nullopt,
                                     .tokens_file = options_.metrics_tokens},
                                    {{.path = "", .registries = {registry_}, .health = [this] { return health(); }}});
  if (!operations.ok()) return operations.status();
  operations_ = *std::move(operations);
  return absl::OkStatus();
}

// After the server: they may have to name its port.
void Edge::OpenPublicPages() {
  notices::Options pages = options_.notices;
  if (pages.token_file.empty()) return;
  if (pages.site.url.empty()) pages.site.url = absl::StrCat(options_.http.tls ? "https://" : "http://", endpoint());
  notices_ = std::make_unique<notices::Notices>(forwarder_, pages, *registry_);
  public_pages_.store(notices_.get());
}

void Edge::Handle(std::shared_ptr<http::Exchange> exchange) const {
  // Before Cors: what is public may be read by the pages of all origins.
  if (pages::HandleAsset(exchange)) return;
  if (notices::Notices* pages = public_pages_.load(); pages != nullptr && pages->Handle(exchange)) return;
  // So that no other page reads these, whatever its origin may do with calls.
  if (webhooks_ != nullptr && webhooks_->Handle(exchange)) return;
  if (orders_ != nullptr && orders_->Handle(exchange)) return;
  if (subscriptions_ != nullptr && subscriptions_->Handle(exchange)) return;
  exchange = cors_.Admit(std::move(exchange));
  if (exchange == nullptr || documents_.Handle(exchange)) return;
  connect_.Handle(std::move(exchange));
}

Edge::~Edge() {
  server_.reset();
  operations_.reset();
}

std::string Edge::metrics_address() const {
  if (operations_ == nullptr) return "";
  return server::JoinHostPort(options_.metrics_host.empty() ? options_.http.host : options_.metrics_host,
                              operations_->port());
}

std::string Edge::endpoint() const { return server::JoinHostPort(options_.http.host, port()); }

bool Edge::UpdateHealth() {
  log_lines_.Dropped(server::LogLinesDropped());
  host_.Update(absl::Now());
  return !draining_.load();
}

server::Health Edge::health() const {
  // Not that of the services: one that is down must not take the others' callers out.
  const bool draining = draining_.load();
  return {
      .live = {true, "live"}, .started = {true, "started"}, .ready = {!draining, draining ? "draining" : "serving"}};
}

void Edge::Stop(absl::Duration grace) {
  draining_.store(true);
  if (!server_->Stop(grace)) {
    server::Log(
        server::LogLevel::kWarning, {},
        absl::StrCat("cuts off ", server_->connections(), " connections that did not end within the grace period"));
  }
  // Last, and in any case: the services that it asks stop next.
  if (notices_ != nullptr) notices_->Stop();
}

}  // namespace throughline::edge

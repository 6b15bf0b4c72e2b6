#pragma once

// The edge as it runs: the HTTP server, what it serves, and the operations port. It holds no state; any number of
// replicas serve.
//
//   auto edge = Edge::Start({.client = {.address = "intake=a:7070,..."}});
//   ... (*edge)->port() ...
//   (*edge)->Stop(absl::Seconds(10));
//
// UpdateHealth and Stop: one thread each. The rest: any thread.

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "libs/client/client.h"
#include "libs/server/operations/host_probe.h"
#include "libs/server/operations/metrics.h"
#include "libs/server/operations/operations_port.h"
#include "services/edge/connect/handler.h"
#include "services/edge/credential.h"
#include "services/edge/description/documents.h"
#include "services/edge/http/cors.h"
#include "services/edge/http/server.h"
#include "services/edge/notices/notices.h"
#include "services/edge/orders/orders.h"
#include "services/edge/subscriptions/subscriptions.h"
#include "services/edge/webhooks/webhooks.h"
#include "services/process/running.h"
#include "services/process/tracing.h"

namespace grpc {
class Channel;
}

namespace throughline::edge {

class Edge final : public process::Running {
 public:
  struct Options {
    client::Options client;  // where the services are, and how they are reached
    // To services in this process; null: they are where `client` says.
    std::shared_ptr<grpc::Channel> services;
    http::Options http;
    std::vector<std::string> origins;  // whose pages in browsers may call; see http/cors.h
    connect::Options connect;
    notices::Options notices;  // the public pages; without an address of theirs: where it listens
    // Its own credential, a service's; empty: there are no webhooks, no pages of orders, none for subscribers.
    std::string token_file;
    Webhooks::Options webhooks;
    orders::Options orders;
    std::string metrics_host;                        // of the operations port; empty: as that of HTTP
    int metrics_port = 0;                            // 0: any free one; -1: none
    std::shared_ptr<prometheus::Registry> registry;  // for its metrics; null: one of its own
    process::TracingOptions tracing;
    bool metrics_tls = false;    // the operations port serves TLS, with the certificate of HTTP
    std::string metrics_tokens;  // see OperationsPort::Options::tokens_file
  };

  // FAILED_PRECONDITION: a port is taken, the certificate cannot be used, or there are too few descriptors.
  // INVALID_ARGUMENT: the services' addresses are malformed, or the endpoints of webhooks. Each says what to do.
  static absl::StatusOr<std::unique_ptr<Edge>> Start(Options options);
  ~Edge() override;

  int port() const { return server_->port(); }
  // "host:port"; empty: there is no operations port.
  std::string metrics_address() const;
  std::string endpoint() const;

  bool UpdateHealth() override;
  server::Health health() const override;
  void Fail(const absl::Status&) override {}  // nothing fails once it has started
  void Stop(absl::Duration grace) override;

 private:
  explicit Edge(Options options);
  absl::Status Open();
  void OpenPublicPages();
  void Handle(std::shared_ptr<http::Exchange> exchange) const;

  const Options options_;
  const std::shared_ptr<prometheus::Registry> registry_;
  server::LogProbe log_lines_{*registry_};
  server::HostProbe host_;
  std::unique_ptr<tracing::Tracer> tracer_;  // null: no spans
  std::atomic<bool> draining_{false};
  std::unique_ptr<Credential> credential_;  // null: it does nothing in its own name
  const client::Forwarder forwarder_;       // its calls under way may make others, with the credential
  const http::Cors cors_;
  const Documents documents_;
  const connect::Handler connect_;
  std::unique_ptr<notices::Notices> notices_;                        // null: there are no public pages
  std::atomic<notices::Notices*> public_pages_{nullptr};             // the same, once they are there
  std::unique_ptr<Webhooks> webhooks_;                               // null: there are none
  std::shared_ptr<orders::OrderPages> orders_;                       // likewise
  std::shared_ptr<subscriptions::SubscriptionPages> subscriptions_;  // likewise
  std::unique_ptr<server::OperationsPort> operations_;
  std::unique_ptr<http::Server> server_;  // first to go: it ends the calls under way
};

}  // namespace throughline::edge

#pragma once

// Carriers' webhooks: POST /webhooks/<carrier>/<endpoint id>. A push is verified over its bytes as they came, passed on
// to supplier-tracking with the edge's own credential, and answered 200 only once all of it is durable: accepted, known
// already, or in quarantine. Whoever gets another answer pushes again; nothing has a second effect.
//
//   auto webhooks = Webhooks::Open(forwarder, registry, {.endpoints = "webhooks.toml"}, credential);
//   if (webhooks->Handle(exchange)) return;
//
// Endpoints and secrets are read again when their files change. Any thread. What it is given outlives
// it.

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/client/forward.h"
#include "libs/files/reloaded.h"
#include "services/edge/credential.h"
#include "services/edge/http/exchange.h"
#include "services/edge/webhooks/endpoints.h"
#include "services/edge/webhooks/probe.h"

namespace throughline::edge {

class Webhooks {
 public:
  static constexpr char kRoute[] = "webhook";      // a label of the metrics
  static constexpr char kPrefix[] = "/webhooks/";  // of the paths

  struct Options {
    std::string endpoints;                       // the file; empty: there are none
    size_t body_bytes = size_t{5} << 20;         // of a push; some carry a photograph
    absl::Duration deadline = absl::Seconds(4);  // sources give up after five seconds
  };

  // INVALID_ARGUMENT, with what is wrong: the file of endpoints, or one of its secrets.
  static absl::StatusOr<std::unique_ptr<Webhooks>> Open(const client::Forwarder& forwarder,
                                                        prometheus::Registry& registry, Options options,
                                                        const Credential& credential);

  // False: the path is not one of webhooks.
  bool Handle(const std::shared_ptr<http::Exchange>& exchange) const;

 private:
  Webhooks(const client::Forwarder& forwarder, prometheus::Registry& registry, Options options,
           const Credential& credential, std::unique_ptr<files::Reloaded<Endpoints>> endpoints);

  void Push(const std::shared_ptr<http::Exchange>& exchange, const Endpoint& endpoint) const;

  const client::Forwarder& forwarder_;
  const Options options_;
  const Credential& credential_;
  const std::unique_ptr<files::Reloaded<Endpoints>> endpoints_;
  const std::shared_ptr<WebhookProbe> probe_;  // calls may outlive this
};

}  // namespace throughline::edge

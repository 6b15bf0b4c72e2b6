#pragma once

// A gRPC server for one or more Apis, with health, reflection, limits, TLS and a shutdown that drains.
//
//   auto server = Server::Start(options, tokens, {{&api, registry}});
//   if (!server.ok()) ...                                     // a port that is taken, a handler that is missing
//   (*server)->SetServing("throughline.intake.v1.IntakeService", true);     // once caught up
//   stop.Wait();
//   (*server)->Shutdown(absl::Seconds(10));
//
// Health and reflection take no token: a probe has none to show, and health tells nothing but readiness; the contract
// that reflection shows is public, and whoever can read it still may call nothing.
//
// Any thread. What it is given must outlive it.

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "prometheus/registry.h"

#include "libs/identity/tokens.h"
#include "libs/server/api.h"
#include "libs/server/options.h"

namespace grpc {
class Server;
}

namespace throughline::server {

class Acceptor;
class ConnectionProbe;
class GrpcService;
class CallGate;

class Server {
 public:
  // One service, and where its RPCs' metrics go.
  struct Served {
    const Api* api;
    std::shared_ptr<prometheus::Registry> registry;
  };

  // `registry` gets what is not of a single service; null: nobody wants to know.
  // INTERNAL: an Api fails its Check. FAILED_PRECONDITION: the port is taken, a TLS file cannot be used, or the host
  // would be reached in the clear; says what to do.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options, const identity::TokenStore& tokens,
                                                       std::vector<Served> served,
                                                       std::shared_ptr<prometheus::Registry> registry = nullptr);
  // As Shutdown without grace.
  ~Server();

  int port() const { return port_; }

  // A service's health by full name. All begin NOT_SERVING; the server's own ("") is SERVING while all are.
  void SetServing(const std::string& service, bool serving) ABSL_LOCKS_EXCLUDED(mu_);

  // Health turns NOT_SERVING, nobody new comes in, streams are asked to end, calls in progress have `grace` to be
  // answered; then what remains is cancelled. Blocks. Not from a handler.
  void Shutdown(absl::Duration grace) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  Server();

  std::shared_ptr<prometheus::Registry> registry_;
  std::unique_ptr<ConnectionProbe> connections_;
  std::vector<Served> served_;
  std::unique_ptr<CallGate> gate_;
  std::vector<std::unique_ptr<GrpcService>> services_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Acceptor> acceptor_;  // gives connections to server_, so it ends first
  int port_ = 0;
  absl::Mutex mu_;
  absl::flat_hash_map<std::string, bool> serving_ ABSL_GUARDED_BY(mu_);
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace throughline::server

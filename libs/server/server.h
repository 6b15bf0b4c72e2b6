#pragma once

// A gRPC server for one or more Apis, with health, reflection, limits, TLS and a graceful shutdown.
//
//   auto server = Server::Start(options, authenticator, {{&api, registry}});
//   if (!server.ok()) ...                                     // a port that is taken, a handler that is missing
//   (*server)->SetServing("throughline.intake.v1.IntakeService", true);     // once caught up
//   stop.Wait();
//   (*server)->Shutdown(absl::Seconds(10));
//
// Health and reflection need no token: probes have none, health tells only readiness, and the contract that reflection
// shows is public.
//
// Any thread. The arguments must outlive the server.

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "prometheus/registry.h"

#include "libs/identity/authenticator.h"
#include "libs/server/api.h"
#include "libs/server/options.h"

namespace grpc {
class Channel;
class Server;
}  // namespace grpc

namespace throughline::server {

class Acceptor;
class ConnectionProbe;
class GrpcService;
class CallGate;

class Server {
 public:
  // A service, and the registry for the metrics of its RPCs.
  struct Served {
    const Api* api;
    std::shared_ptr<prometheus::Registry> registry;
    std::string name = {};  // of the service in log lines and traces: "intake"
  };

  // `registry`: for metrics that belong to no single service; null: they are not kept. INTERNAL: an Api fails its
  // Check. FAILED_PRECONDITION, with what to do: the port is taken, a TLS file cannot be used, or a host other than
  // loopback would be served without TLS.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                       const identity::Authenticator& authenticator,
                                                       std::vector<Served> served,
                                                       std::shared_ptr<prometheus::Registry> registry = nullptr);
  // Shutdown(0).
  ~Server();

  int port() const { return port_; }
  // To this server, from this process: without the network and TLS. Its calls need a credential, as all do, and end
  // before the server does.
  std::shared_ptr<grpc::Channel> OpenChannel() const;

  // Sets a service's health, by full name. All start NOT_SERVING; the server's own ("") is SERVING while all services
  // are.
  void SetServing(const std::string& service, bool serving) ABSL_LOCKS_EXCLUDED(mu_);

  // Drains: sets health to NOT_SERVING, refuses new calls, asks streams to end, and waits up to `grace` for the calls
  // in progress; then cancels the rest. Blocks. Not from a handler.
  void Shutdown(absl::Duration grace) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  Server();

  std::shared_ptr<prometheus::Registry> registry_;
  std::unique_ptr<ConnectionProbe> connections_;
  std::vector<Served> served_;
  std::unique_ptr<CallGate> gate_;
  std::vector<std::unique_ptr<GrpcService>> services_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Acceptor> acceptor_;  // hands connections to server_, so it ends first
  int port_ = 0;
  absl::Mutex mu_;
  absl::flat_hash_map<std::string, bool> serving_ ABSL_GUARDED_BY(mu_);
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace throughline::server

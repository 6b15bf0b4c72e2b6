#pragma once

// All four services in one process, on the embedded log: what `throughline up` runs, and what tests and benchmarks
// start in their own process.
//
//   auto suite = Suite::Start({.data = dir});       // makes the directory and the first credentials
//   ... (*suite)->port() ...
//   (*suite)->Stop(absl::Seconds(10));
//
// In the data directory: `log/` (the truth), `stores/<service>/` (folds of it: can be deleted), `tokens.json` and
// `credentials/` (see libs/identity/tokens.h), `endpoint` (host:port of the running suite, removed when it stops).

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/identity/tokens.h"
#include "libs/log/embedded_log.h"
#include "libs/runtime/clock.h"
#include "libs/runtime/host.h"
#include "libs/server/metrics.h"
#include "libs/server/server.h"

namespace throughline {

class Suite {
 public:
  struct Options {
    std::string data;
    std::string host = "127.0.0.1";
    int port = 0;                            // 0: any free one
    int metrics_port = 0;                    // 0: any free one; -1: none
    int32_t partitions = 12;                 // per topic, fixed when the log is made
    size_t cache_bytes = size_t{128} << 20;  // of blocks, shared by all stores
    std::string fallback_owner = "sam";      // answers when no rep and no supervisor is available
    server::ServerOptions server = {};       // its host and port are taken from above
    runtime::Engine::Limits engine = {};
    const runtime::Clock* clock = nullptr;                          // null: the system's
    std::function<void(const absl::Status&)> on_failure = nullptr;  // on any thread: the suite cannot go on
  };

  // FAILED_PRECONDITION: a port is taken, the directory is in use or of another layout; DATA_LOSS: the log is damaged.
  static absl::StatusOr<std::unique_ptr<Suite>> Start(Options options);
  ~Suite();

  // Drains, with this much grace for calls under way. Once.
  void Stop(absl::Duration grace);

  // Tells health what is ready; true once all services are. To be called now and then.
  bool UpdateHealth();

  int port() const { return server_->port(); }
  int metrics_port() const { return metrics_ == nullptr ? -1 : metrics_->port(); }
  std::string endpoint() const { return options_.host + ":" + std::to_string(port()); }
  bool made_first_credentials() const { return made_first_credentials_; }
  // What the stores use besides the shared cache, in bytes.
  uint64_t StoreMemoryBytes() const;

 private:
  struct Service {
    log::Topic topic;
    std::shared_ptr<prometheus::Registry> registry;
    std::unique_ptr<runtime::Host> host;
    std::unique_ptr<server::Api> api;
  };

  explicit Suite(Options options) : options_(std::move(options)) {}
  absl::Status Open();
  absl::Status AddService(log::Topic topic, std::unique_ptr<runtime::Definition> definition,
                          const std::function<std::unique_ptr<server::Api>(runtime::Streams&)>& make_api);
  absl::Status Serve();

  Options options_;
  runtime::SystemClock system_clock_;
  bool made_first_credentials_ = false;
  std::unique_ptr<identity::TokenStore> tokens_;
  std::unique_ptr<log::EmbeddedLog> log_;
  std::shared_ptr<rocksdb::Cache> cache_;
  std::vector<Service> services_;
  std::unique_ptr<server::MetricsServer> metrics_;
  std::unique_ptr<server::Server> server_;
};

// Where things are in a data directory.
std::string LogPath(const std::string& data);
std::string StorePath(const std::string& data, log::Topic topic);
std::string EndpointPath(const std::string& data);

}  // namespace throughline

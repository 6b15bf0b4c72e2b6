#pragma once

// A Throughline process: some services over one log, served by gRPC, with credentials, metrics, health, probes and
// backups.
// `throughline up` runs all four services on the embedded log (services/throughline/suite.h); each service's own binary
// runs one on Kafka (kafka_service.h).
//
//   auto process = Process::Start(options, std::move(log), std::move(services));
//   ... (*process)->port() ...
//   (*process)->Stop(absl::Seconds(10));
//
// The data directory holds `stores/<service>/` (folds of the log; may be deleted; libs/store/rocks/replacement.h says
// what stands beside it), `search/` of ownership (the same), `audit/` (who read what customers said), and, while the
// process runs, `endpoint` (host:port) and `pid`. run.h runs a process in the foreground.
//
// UpdateHealth and Stop: one thread each. The rest: any thread.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/identity/authenticator.h"
#include "libs/log/event_feed.h"
#include "libs/log/partition_assignment.h"
#include "libs/runtime/clock.h"
#include "libs/runtime/engine/host.h"
#include "libs/server/operations/host_probe.h"
#include "libs/server/operations/metrics.h"
#include "libs/server/operations/operations_port.h"
#include "libs/server/operations/read_audit.h"
#include "libs/server/server.h"
#include "libs/server/transport/listen.h"
#include "services/process/backup/backup_thread.h"
#include "services/process/health.h"
#include "services/process/measured_log.h"
#include "services/process/rebuild/rebuild_monitor.h"
#include "services/process/running.h"
#include "services/process/tracing.h"

namespace throughline::process {

using FollowCredentials = std::function<bool(runtime::Streams&, const identity::Credentials&)>;

// A service, as a process runs it.
struct Service {
  std::unique_ptr<runtime::Definition> definition;
  std::function<std::unique_ptr<server::Api>(runtime::Streams&)> make_api;
  // Called with the credentials, about once a second once the service has caught up; true if it knows whom they name.
  // It is ready then. Null: they do not matter to it.
  FollowCredentials follow_credentials = nullptr;
  // Begins what works beside the api, on threads of its own. What it returns is destroyed before the service stops, so
  // that it can still give commands. Null: nothing does.
  std::function<std::shared_ptr<void>(runtime::Streams&)> start_work = nullptr;
};

// Every service offers these two functions: ServiceOf(intake::Define, intake::MakeApi, config).
template <typename Config>
Service ServiceOf(std::unique_ptr<runtime::Definition> (*define)(const Config&),
                  std::unique_ptr<server::Api> (*make_api)(runtime::Streams&, const Config&), Config config,
                  FollowCredentials follow_credentials = nullptr) {
  return {define(config), [make_api, config](runtime::Streams& streams) { return make_api(streams, config); },
          std::move(follow_credentials)};
}

// A log, and how to be assigned partitions of it.
struct OpenedLog {
  std::unique_ptr<log::EventLog> log;
  std::function<absl::StatusOr<std::unique_ptr<log::PartitionAssignment>>(const std::string& group,
                                                                          const std::vector<log::Topic>& topics)>
      join;
  std::function<ProducerState()> state = nullptr;  // null: the log has no producer
  int descriptors = 256;  // descriptors the log may use; the default is enough for connections to brokers
  std::unique_ptr<log::EventFeed> feed = nullptr;  // where accepted events are published; null: nowhere
  // Set if the process owns the log. Then the stores are not backed up: they are rebuilt from the log.
  std::optional<BackupSource> backup = std::nullopt;
};

class Process final : public Running {
 public:
  struct Options {
    std::string data;     // created if missing; used by this process only
    std::string replica;  // its name in logs and metrics; empty: DefaultReplica()
    std::string tokens;   // the credentials file; empty: tokens.json in the data directory
    identity::AuthenticatorOptions authentication = {};  // by other credentials; `client_ca` is the server's
    std::string host = "127.0.0.1";
    int port = 0;                             // 0: any free port
    std::string metrics_host;                 // of the operations port; empty: as `host`
    int metrics_port = 0;                     // the operations port; 0: any free one; -1: none
    bool metrics_tls = false;                 // the operations port serves TLS, with the server's certificate
    std::string metrics_tokens;               // see OperationsPort::Options::tokens_file
    server::ReadAuditOptions audit = {};      // empty directory: `audit` in the data directory
    size_t cache_bytes = size_t{128} << 20;   // block cache, shared by all stores
    size_t pending_bytes = size_t{16} << 20;  // rows held in memory before they are flushed, per store
    server::ServerOptions server = {};        // `host` and `port` above override its own
    runtime::Engine::Limits engine = {};
    BackupPlan backups = {};
    TracingOptions tracing = {};
    const runtime::Clock* clock = nullptr;  // null: the system clock
    OnFailure on_failure = nullptr;
    // Of what else runs in this process: its pages on the operations port, and the descriptors that it may use.
    std::vector<server::OperationsPort::Pages> more_pages = {};
    int more_descriptors = 0;
  };

  // FAILED_PRECONDITION: a port is taken, the directory is in use, the log is not the one that it folded before, or
  // there are too few descriptors. NOT_FOUND: there are no credentials. DATA_LOSS: the log is damaged. Each says what
  // to do.
  static absl::StatusOr<std::unique_ptr<Process>> Start(Options options, OpenedLog log, std::vector<Service> services);
  ~Process() override;

  // Drains: gives calls in flight, and the flush of the log, this much time. Call it once.
  void Stop(absl::Duration grace) override;

  // Updates health, as gRPC and the probes tell it, and the gauges of the log. Returns true once all services are
  // ready. Call it several times a second.
  bool UpdateHealth() override;
  // Why the process cannot continue, for the probes. The process itself reports what stops a service.
  void Fail(const absl::Status& why) override { health_->Fail(why); }
  // Of all services together.
  server::Health health() const override { return health_->Of(std::nullopt, std::chrono::steady_clock::now()); }
  // Whether a store that was rebuilt is to take the place of one that serves: the process should be stopped, and
  // another started. The thread of UpdateHealth.
  bool StoreChosen() const;
  bool WantsRestart() const override { return StoreChosen(); }

  int port() const { return server_->port(); }
  // As server::Server.
  std::shared_ptr<grpc::Channel> OpenChannel() const { return server_->OpenChannel(); }
  int metrics_port() const { return operations_ == nullptr ? -1 : operations_->port(); }
  // "host:port"; empty: there is no operations port.
  std::string metrics_address() const;
  std::string endpoint() const { return server::JoinHostPort(options_.host, port()); }
  const Options& options() const { return options_; }

 private:
  struct Part {
    log::Topic topic;
    std::shared_ptr<prometheus::Registry> registry;
    std::unique_ptr<runtime::Host> host;
    std::unique_ptr<server::Api> api;
    FollowCredentials follow_credentials;
    std::shared_ptr<void> work = nullptr;
    bool knows_credentials = false;
    std::unique_ptr<RebuildMonitor> rebuild = nullptr;
  };

  explicit Process(Options options) : options_(std::move(options)) {}
  absl::Status Open(OpenedLog log, std::vector<Service> services);
  absl::Status Add(Service service, const OpenedLog& log);
  void BeginBackups(std::optional<BackupSource> of_the_log);
  // Connections get the descriptors that remain after stores, log and the rest.
  absl::Status ShareDescriptors(int of_the_log, size_t services);
  absl::Status ServeOperations();
  absl::Status Serve();
  void TellCredentials();
  // Adds to the file when each token was used.
  void KeepTokenUses();
  const runtime::Clock& clock() const { return options_.clock != nullptr ? *options_.clock : system_clock_; }

  Options options_;
  runtime::SystemClock system_clock_;
  // Metrics of the process itself; exported with each service's.
  std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
  server::LogProbe log_lines_{*registry_};
  std::unique_ptr<server::HostProbe> host_;
  std::unique_ptr<tracing::Tracer> tracer_;  // null: no spans
  std::unique_ptr<identity::TokenStore> tokens_;
  std::unique_ptr<identity::Authenticator> authenticator_;
  std::unique_ptr<server::ReadAudit> audit_;
  std::shared_ptr<rocksdb::Cache> cache_;
  prometheus::Gauge* index_bytes_ = nullptr;                       // of the stores' files
  std::vector<std::shared_ptr<prometheus::Registry>> registries_;  // the log uses them until it is destroyed
  std::unique_ptr<ServicesHealth> health_;                         // the services report to it
  std::unique_ptr<MeasuredLog> log_;
  std::unique_ptr<log::EventFeed> feed_;
  std::vector<Part> parts_;
  std::unique_ptr<BackupThread> backups_;
  std::unique_ptr<server::OperationsPort> operations_;
  std::unique_ptr<server::Server> server_;
  absl::Time credentials_told_ = absl::InfinitePast();
  absl::Time uses_kept_;
  std::string uses_path_;  // of the token uses
};

// <host name>-<process id>.
std::string DefaultReplica();

// Of a service's replicas, by which they divide the partitions among themselves.
std::string GroupOf(log::Topic topic);

// Paths in a data directory.
std::string StorePath(const std::string& data, log::Topic topic);
std::string SearchPath(const std::string& data);  // of the index of ownership's search
std::string LogPath(const std::string& data);     // of an embedded log
std::string EndpointPath(const std::string& data);
std::string PidPath(const std::string& data);  // holds the process's id while it runs

}  // namespace throughline::process

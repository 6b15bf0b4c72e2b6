#include "services/process/process.h"

#include <algorithm>
#include <filesystem>
#include <unistd.h>

#include <spdlog/spdlog.h>

#include "libs/command_line/version.h"
#include "libs/files/private_directory.h"
#include "libs/files/whole_file.h"
#include "libs/identity/host.h"
#include "libs/server/operations/logging.h"
#include "libs/server/transport/descriptors.h"
#include "services/process/backup/store_recovery.h"

namespace throughline::process {
namespace {

constexpr absl::Duration kKeepUsesEvery = absl::Minutes(1);

void TellWho(prometheus::Registry& registry, log::Topic topic, const std::string& replica) {
  prometheus::BuildGauge()
      .Name("throughline_replica_info")
      .Help("Always 1; its labels say which replica of which service this is, and its version.")
      .Register(registry)
      .Add({{"service", std::string(log::ServiceName(topic))},
            {"replica", replica},
            {"version", command_line::kVersion}})
      .Set(1);
}

prometheus::Gauge& NewGauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

std::string GroupOf(log::Topic topic) { return "throughline." + std::string(log::ServiceName(topic)); }

std::string DefaultReplica() { return identity::ProcessName(); }

std::string StorePath(const std::string& data, log::Topic topic) {
  return data + "/stores/" + std::string(log::ServiceName(topic));
}
std::string SearchPath(const std::string& data) { return data + "/search"; }
std::string LogPath(const std::string& data) { return data + "/log"; }
std::string EndpointPath(const std::string& data) { return data + "/endpoint"; }
std::string PidPath(const std::string& data) { return data + "/pid"; }

absl::StatusOr<std::unique_ptr<Process>> Process::Start(Options options, OpenedLog log, std::vector<Service> services) {
  if (options.replica.empty()) options.replica = DefaultReplica();
  if (options.tokens.empty()) options.tokens = identity::TokensPath(options.data);
  std::unique_ptr<Process> process(new Process(std::move(options)));
  if (absl::Status status = process->ShareDescriptors(log.descriptors, services.size()); !status.ok()) return status;
  if (absl::Status status = process->Open(std::move(log), std::move(services)); !status.ok()) return status;
  if (absl::Status status = process->Serve(); !status.ok()) return status;
  return process;
}

absl::Status Process::ShareDescriptors(int of_the_log, size_t services) {
  constexpr int kOfTheRest = 256;  // metrics, gRPC itself, timers, backups, reloaded files
  const int64_t reserved = kOfTheRest + of_the_log + options_.more_descriptors +
                           static_cast<int64_t>(services) * store::RocksKeyValue::kMaxOpenFiles;
  const int64_t limit = server::RaiseDescriptorLimit();
  absl::StatusOr<int> connections = server::ConnectionsWithin(limit, reserved, options_.server.max_connections);
  if (!connections.ok()) return connections.status();
  if (*connections < options_.server.max_connections) {
    spdlog::warn(
        "connections are limited to {}, not {}: this process may have {} descriptors, of which {} are reserved",
        *connections, options_.server.max_connections, limit, reserved);
  }
  options_.server.max_connections = *connections;
  return absl::OkStatus();
}

absl::Status Process::Open(OpenedLog log, std::vector<Service> services) {
  if (const std::error_code error = files::MakePrivateDirectories(options_.data)) {
    return absl::FailedPreconditionError("cannot make the data directory " + options_.data + ": " + error.message() +
                                         "; choose another");
  }
  absl::StatusOr<std::unique_ptr<identity::TokenStore>> tokens = identity::TokenStore::Load(options_.tokens);
  if (!tokens.ok()) return tokens.status();
  tokens_ = *std::move(tokens);
  absl::StatusOr<std::unique_ptr<tracing::Tracer>> tracer = NewTracer(options_.tracing, options_.replica, *registry_);
  if (!tracer.ok()) return tracer.status();
  tracer_ = *std::move(tracer);
  host_ = std::make_unique<server::HostProbe>(
      *registry_,
      std::vector<server::HostProbe::Directory>{{"data", options_.data}, {"backup", options_.backups.directory}},
      options_.server.tls);
  if (options_.server.tls) options_.authentication.client_ca = options_.server.tls->client_ca_file;
  auto authenticator = identity::Authenticator::Load(*tokens_, options_.authentication);
  if (!authenticator.ok()) return authenticator.status();
  authenticator_ = *std::move(authenticator);
  uses_kept_ = absl::Now();
  uses_path_ = identity::TokenUsesPath(options_.tokens);
  if (options_.audit.directory.empty()) options_.audit.directory = options_.data + "/audit";
  auto audit = server::ReadAudit::Open(options_.audit, *registry_);
  if (!audit.ok()) return audit.status();
  audit_ = *std::move(audit);
  cache_ = store::RocksKeyValue::NewCache(options_.cache_bytes);
  NewGauge(*registry_, "throughline_store_cache_bytes", "The block cache, which all stores of the process share.")
      .Set(static_cast<double>(options_.cache_bytes));
  index_bytes_ =
      &NewGauge(*registry_, "throughline_store_index_bytes",
                "Filters and indexes of the files of all stores of the process. The cache should hold them.");
  std::vector<std::string> names;
  for (const Service& service : services) names.emplace_back(log::ServiceName(service.definition->topic));
  health_ = std::make_unique<ServicesHealth>(names);
  log_ = std::make_unique<MeasuredLog>(std::move(log.log));
  feed_ = std::move(log.feed);
  for (Service& service : services) {
    if (absl::Status status = Add(std::move(service), log); !status.ok()) return status;
  }
  if (!options_.backups.directory.empty() || log.backup) BeginBackups(std::move(log.backup));
  return absl::OkStatus();
}

void Process::BeginBackups(std::optional<BackupSource> of_the_log) {
  backups_ = std::make_unique<BackupThread>(options_.backups, options_.replica);
  if (of_the_log) {
    backups_->Add(*std::move(of_the_log), *registry_);
  } else {
    for (Part& part : parts_) backups_->Add(BackupOfStore(part.topic, *part.host), *part.registry);
  }
  if (auto desk = BackupDesk::Open(options_.data); desk.ok()) {
    backups_->TakeOnDemand(*std::move(desk));
  } else {
    spdlog::warn("backups on demand are off: {}", std::string(desk.status().message()));
  }
  backups_->Begin();
}

absl::Status Process::Add(Service service, const OpenedLog& log) {
  const log::Topic topic = service.definition->topic;
  Part part{topic, std::make_shared<prometheus::Registry>(), nullptr, nullptr, std::move(service.follow_credentials)};
  part.knows_credentials = !part.follow_credentials;
  registries_.push_back(part.registry);
  TellWho(*part.registry, topic, options_.replica);
  log_->TellOf(topic, *part.registry, log.state);

  runtime::Host::Options host_options;
  host_options.store_path = StorePath(options_.data, topic);
  host_options.cache = cache_;
  host_options.pending_bytes = options_.pending_bytes;
  host_options.limits = options_.engine;
  host_options.feed = feed_.get();
  host_options.tracer = tracer_.get();
  host_options.on_failure = [this](const absl::Status& why) {
    health_->Fail(why);
    if (options_.on_failure) options_.on_failure(why);
  };
  if (const BackupPlan& plan = options_.backups; !log.backup && plan.restore && !plan.directory.empty()) {
    host_options.restore = [this, probe = std::make_shared<RestoreProbe>(*part.registry),
                            wanted = StoreRecovery{plan.directory, topic, runtime::StoreLayout(*service.definition),
                                                   service.definition->folds, host_options.store_path}] {
      return RecoverStore(wanted, *log_, *probe);
    };
  }
  absl::StatusOr<std::unique_ptr<log::PartitionAssignment>> assignment =
      log.join(GroupOf(topic), service.definition->folds);
  if (!assignment.ok()) return assignment.status();
  absl::StatusOr<std::unique_ptr<runtime::Host>> host = runtime::Host::Start(
      std::move(service.definition), *log_, *std::move(assignment), clock(), *part.registry, std::move(host_options));
  if (!host.ok()) return host.status();
  part.host = *std::move(host);
  part.api = service.make_api(part.host->streams());
  if (service.start_work) part.work = service.start_work(part.host->streams());
  part.rebuild = std::make_unique<RebuildMonitor>(*part.registry, std::string(log::ServiceName(topic)),
                                                  StorePath(options_.data, topic), part.host->layout());
  parts_.push_back(std::move(part));
  return absl::OkStatus();
}

absl::Status Process::ServeOperations() {
  if (options_.metrics_host.empty()) options_.metrics_host = options_.host;
  if (options_.metrics_port < 0) return absl::OkStatus();
  const auto health_of = [this](std::optional<size_t> part) {
    return [this, part] { return health_->Of(part, std::chrono::steady_clock::now()); };
  };
  std::vector<server::OperationsPort::Pages> pages;
  for (size_t i = 0; i < parts_.size(); ++i) {
    pages.push_back(
        {"/" + std::string(log::ServiceName(parts_[i].topic)), {parts_[i].registry, registry_}, health_of(i)});
  }
  // Services count under the same names: there are no metrics of several together.
  pages.push_back({"", {}, health_of(std::nullopt)});
  if (parts_.size() == 1) pages.back().registries = pages.front().registries;
  pages.insert(pages.end(), options_.more_pages.begin(), options_.more_pages.end());
  auto port = server::OperationsPort::Start({.host = options_.metrics_host,
                                             .port = options_.metrics_port,
                                             .tls = options_.metrics_tls ? options_.server.tls : std::nullopt,
                                             .tokens_file = options_.metrics_tokens},
                                            std::move(pages));
  if (!port.ok()) return port.status();
  operations_ = *std::move(port);
  return absl::OkStatus();
}

std::string Process::metrics_address() const {
  return operations_ == nullptr ? "" : server::JoinHostPort(options_.metrics_host, operations_->port());
}

absl::Status Process::Serve() {
  if (absl::Status status = ServeOperations(); !status.ok()) return status;
  std::vector<server::Server::Served> served;
  for (const Part& part : parts_) {
    served.push_back({part.api.get(), part.registry, std::string(log::ServiceName(part.topic))});
  }
  server::ServerOptions server_options = options_.server;
  server_options.host = options_.host;
  server_options.port = options_.port;
  server_options.tracer = tracer_.get();
  // The services' clock, so that commands and timers use the same time.
  server_options.clock = [this] { return clock().Trusted(); };
  server_options.audit = audit_.get();
  auto server = server::Server::Start(server_options, *authenticator_, std::move(served), registry_);
  if (!server.ok()) return server.status();
  server_ = *std::move(server);
  for (const auto& [path, content] : {std::pair(EndpointPath(options_.data), endpoint()),
                                      std::pair(PidPath(options_.data), std::to_string(getpid()))}) {
    const std::error_code error = files::ReplaceFile(path, content + "\n", 0666);
    if (error) return absl::FailedPreconditionError("cannot write " + path + ": " + error.message());
  }
  return absl::OkStatus();
}

bool Process::UpdateHealth() {
  bool all = true;
  uint64_t index_bytes = 0;
  TellCredentials();
  const auto now = std::chrono::steady_clock::now();
  for (size_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    const runtime::FoldStatus status = part.host->fold_status();
    const char* const waiting = part.knows_credentials ? "" : "the persons whom the credentials name are made known";
    const bool ready = health_->Update(i, status, now, waiting);
    server_->SetServing(part.api->service()->full_name(), ready);
    all = all && ready;
    part.rebuild->Look(absl::Now(), status, part.host->FoldedRecords());
    if (part.rebuild->FlushWanted()) part.host->store().FlushSoon();
    index_bytes += part.host->store().IndexBytes();
  }
  index_bytes_->Set(static_cast<double>(index_bytes));
  log_->ShowState();
  log_lines_.Dropped(server::LogLinesDropped());
  host_->Update(absl::Now());
  return all;
}

bool Process::StoreChosen() const {
  return std::any_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.rebuild->Chosen(); });
}

void Process::TellCredentials() {
  const bool due = absl::Now() >= credentials_told_ + absl::Seconds(1);
  if (due) credentials_told_ = absl::Now();
  authenticator_->LookForChanges();
  if (absl::Now() >= uses_kept_ + kKeepUsesEvery) KeepTokenUses();
  for (Part& part : parts_) {
    if (part.follow_credentials == nullptr || !part.host->Ready() || (part.knows_credentials && !due)) continue;
    part.knows_credentials |= part.follow_credentials(part.host->streams(), authenticator_->Known());
  }
}

void Process::KeepTokenUses() {
  uses_kept_ = absl::Now();
  absl::Status status = identity::AddTokenUses(uses_path_, tokens_->Uses());
  if (status.ok()) return;
  // The file of a mounted secret has no writable place beside it.
  const std::string own = identity::TokenUsesPath(identity::TokensPath(options_.data));
  if (uses_path_ != own) {
    uses_path_ = own;
    status = identity::AddTokenUses(uses_path_, tokens_->Uses());
  }
  if (!status.ok()) spdlog::warn("when tokens were used last is not kept: {}", std::string(status.message()));
}

void Process::Stop(absl::Duration grace) {
  if (server_ == nullptr) return;
  std::error_code ignored;
  std::filesystem::remove(EndpointPath(options_.data), ignored);
  std::filesystem::remove(PidPath(options_.data), ignored);
  health_->Drain();
  server_->Shutdown(grace);
  KeepTokenUses();
  if (backups_ != nullptr) backups_->End();
  for (Part& part : parts_) part.work.reset();
  for (Part& part : parts_) part.host->Stop();
  if (const size_t left = log_->Flush(absl::Now() + grace); left > 0) {
    spdlog::warn("{} appends were not acknowledged before the shutdown; their callers got UNAVAILABLE", left);
  }
  backups_.reset();  // after the flush: a backup can take longer than our supervisor waits before it kills us
  server_.reset();
  operations_.reset();
  for (Part& part : parts_) {
    part.api.reset();
    part.host.reset();
  }
}

Process::~Process() { Stop(absl::ZeroDuration()); }

}  // namespace throughline::process

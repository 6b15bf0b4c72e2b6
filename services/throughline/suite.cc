#include "services/throughline/suite.h"

#include <filesystem>
#include <fstream>

#include "services/intake/intake.h"
#include "services/outage-notice/outage_notice.h"
#include "services/ownership/ownership.h"
#include "services/supplier-tracking/supplier_tracking.h"

namespace throughline {

std::string LogPath(const std::string& data) { return data + "/log"; }
std::string StorePath(const std::string& data, log::Topic topic) {
  return data + "/stores/" + std::string(log::ServiceName(topic));
}
std::string EndpointPath(const std::string& data) { return data + "/endpoint"; }

absl::StatusOr<std::unique_ptr<Suite>> Suite::Start(Options options) {
  std::unique_ptr<Suite> suite(new Suite(std::move(options)));
  if (absl::Status status = suite->Open(); !status.ok()) return status;
  if (absl::Status status = suite->Serve(); !status.ok()) return status;
  return suite;
}

absl::Status Suite::Open() {
  std::error_code error;
  std::filesystem::create_directories(options_.data, error);
  if (error) {
    return absl::FailedPreconditionError("cannot make the data directory " + options_.data + ": " + error.message() +
                                         "; choose another with --data");
  }
  log::EmbeddedLog::Options log_options;
  log_options.path = LogPath(options_.data);
  log_options.partitions = options_.partitions;
  log_options.max_record_bytes = options_.engine.writer.record_bytes + 1024;
  log_options.failed = options_.on_failure;
  absl::StatusOr<std::unique_ptr<log::EmbeddedLog>> log = log::EmbeddedLog::Open(std::move(log_options));
  if (!log.ok()) return log.status();
  log_ = *std::move(log);

  absl::StatusOr<bool> made = identity::CreateFirstTokens(options_.data, absl::Now());
  if (!made.ok()) return made.status();
  made_first_credentials_ = *made;
  absl::StatusOr<std::unique_ptr<identity::TokenStore>> tokens =
      identity::TokenStore::Load(identity::TokensPath(options_.data));
  if (!tokens.ok()) return tokens.status();
  tokens_ = *std::move(tokens);
  cache_ = store::RocksKeyValue::NewCache(options_.cache_bytes);

  intake::Config intake_config;
  intake_config.fallback_owner = options_.fallback_owner;
  ownership::Config ownership_config;
  outage::Config outage_config;
  supplier::Config supplier_config;
  supplier_config.fallback_answerable = options_.fallback_owner;
  absl::Status status = AddService(log::Topic::kIntake, intake::Define(intake_config),
                                   [&](auto& streams) { return intake::MakeApi(streams, intake_config); });
  if (status.ok()) {
    status = AddService(log::Topic::kOwnership, ownership::Define(ownership_config),
                        [&](auto& streams) { return ownership::MakeApi(streams, ownership_config); });
  }
  if (status.ok()) {
    status = AddService(log::Topic::kOutageNotice, outage::Define(outage_config),
                        [&](auto& streams) { return outage::MakeApi(streams, outage_config); });
  }
  if (status.ok()) {
    status = AddService(log::Topic::kSupplierTracking, supplier::Define(supplier_config),
                        [&](auto& streams) { return supplier::MakeApi(streams, supplier_config); });
  }
  return status;
}

absl::Status Suite::AddService(log::Topic topic, std::unique_ptr<runtime::Definition> definition,
                               const std::function<std::unique_ptr<server::Api>(runtime::Streams&)>& make_api) {
  runtime::Host::Options host_options;
  host_options.store_path = StorePath(options_.data, topic);
  host_options.cache = cache_;
  host_options.limits = options_.engine;
  host_options.on_failure = options_.on_failure;
  std::unique_ptr<log::Duty> duty =
      log_->JoinGroup("throughline." + std::string(log::ServiceName(topic)), definition->folds);
  Service service{topic, std::make_shared<prometheus::Registry>(), nullptr, nullptr};
  const runtime::Clock& clock = options_.clock != nullptr ? *options_.clock : system_clock_;
  absl::StatusOr<std::unique_ptr<runtime::Host>> host = runtime::Host::Start(
      std::move(definition), *log_, std::move(duty), clock, *service.registry, std::move(host_options));
  if (!host.ok()) return host.status();
  service.host = *std::move(host);
  service.api = make_api(service.host->streams());
  services_.push_back(std::move(service));
  return absl::OkStatus();
}

absl::Status Suite::Serve() {
  server::MetricsServer::Paths paths;
  std::vector<server::Server::Served> served;
  for (const Service& service : services_) {
    paths.emplace_back("/" + std::string(log::ServiceName(service.topic)) + "/metrics", service.registry);
    served.push_back({service.api.get(), service.registry});
  }
  if (options_.metrics_port >= 0) {
    auto metrics = server::MetricsServer::Start(options_.host, options_.metrics_port, std::move(paths));
    if (!metrics.ok()) return metrics.status();
    metrics_ = *std::move(metrics);
  }
  server::ServerOptions server_options = options_.server;
  server_options.host = options_.host;
  server_options.port = options_.port;
  if (options_.clock != nullptr) server_options.clock = [clock = options_.clock] { return clock->Now(); };
  auto server = server::Server::Start(server_options, *tokens_, std::move(served));
  if (!server.ok()) return server.status();
  server_ = *std::move(server);
  const std::string path = EndpointPath(options_.data);
  std::ofstream(path + ".new") << endpoint() << '\n';
  std::error_code error;
  std::filesystem::rename(path + ".new", path, error);
  if (error) return absl::FailedPreconditionError("cannot write " + path + ": " + error.message());
  return absl::OkStatus();
}

bool Suite::UpdateHealth() {
  bool all = true;
  for (const Service& service : services_) {
    const bool ready = service.host->Ready();
    server_->SetServing(service.api->service()->full_name(), ready);
    all = all && ready;
  }
  return all;
}

uint64_t Suite::StoreMemoryBytes() const {
  uint64_t bytes = 0;
  for (const Service& service : services_) bytes += service.host->store().MemoryBytes();
  return bytes;
}

void Suite::Stop(absl::Duration grace) {
  if (server_ == nullptr) return;
  std::error_code ignored;
  std::filesystem::remove(EndpointPath(options_.data), ignored);
  server_->Shutdown(grace);
  for (Service& service : services_) service.host->Stop();
  server_.reset();
  metrics_.reset();
  for (Service& service : services_) {
    service.api.reset();
    service.host.reset();
  }
  log_->Flush(absl::Now() + grace);
}

Suite::~Suite() { Stop(absl::ZeroDuration()); }

}  // namespace throughline

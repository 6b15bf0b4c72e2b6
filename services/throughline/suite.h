#pragma once

// All four services in one process, on the embedded log. `throughline up` runs it; tests and benchmarks start it in
// their own process.
//
//   auto suite = Suite::Start({.data = dir});       // creates the directory and the first credentials
//   ... (*suite)->port() ...
//   (*suite)->Stop(absl::Seconds(10));
//
// The data directory holds `log/` (the truth), `stores/<service>/` and `search/` (folds of the log; may be deleted),
// `tokens.json` and `credentials/` (libs/identity/tokens.h), `endpoint` (host:port while the suite runs), and
// `backup-requests/` (services/process/backup/backup_request.h).

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/calendar/calendars.h"
#include "services/intake/intake.h"
#include "services/outage-notice/delivery/config.h"
#include "services/ownership/ownership.h"
#include "services/process/process.h"
#include "services/supplier-tracking/supplier_tracking.h"

namespace throughline {

// The name of the credential with which the public pages are read.
inline constexpr char kPublicReader[] = "public";

class Suite {
 public:
  struct Options {
    std::string data;
    std::string host = "127.0.0.1";
    int port = 0;              // 0: any free port
    std::string metrics_host;  // of the operations port; empty: as `host`
    int metrics_port = 0;      // the operations port; 0: any free one; -1: none
    bool metrics_tls = false;  // this and the next three: as of process::Process::Options
    std::string metrics_tokens;
    identity::AuthenticatorOptions authentication = {};
    server::ReadAuditOptions audit = {};
    int32_t partitions = 12;                 // per topic; fixed when the log is created
    size_t cache_bytes = size_t{128} << 20;  // block cache, shared by all stores
    std::string fallback_owner = "sam";      // owns a case when no rep and no supervisor is available; the last resort
    ownership::RepsRead reps_read = ownership::RepsRead::kAll;  // of all services
    server::ServerOptions server = {};                          // `host` and `port` above override its own
    runtime::Engine::Limits engine = {};
    process::BackupPlan backups = {};  // of the log
    process::TracingOptions tracing = {};
    calendar::Calendars calendars = {};     // of all services
    intake::Config intake = {};             // `fallback_owner` and `calendars` above override its own
    ownership::Config ownership = {};       // likewise
    supplier::Config supplier = {};         // likewise
    bool public_reader = false;             // makes the credential kPublicReader, if it is missing
    outage::DeliveryConfig delivery = {};   // without a key: <data>/subscriber-key, made if there is none
    const runtime::Clock* clock = nullptr;  // null: the system clock
    process::OnFailure on_failure = nullptr;
    std::vector<server::OperationsPort::Pages> more_pages = {};  // as process::Process
    int more_descriptors = 0;                                    // likewise
  };

  // FAILED_PRECONDITION: a port is taken, the directory is in use or has another layout, or backups cannot be kept in
  // their directory. DATA_LOSS: the log is damaged.
  static absl::StatusOr<std::unique_ptr<Suite>> Start(Options options);

  // As process::Process.
  void Stop(absl::Duration grace) { process_->Stop(grace); }
  bool UpdateHealth() { return process_->UpdateHealth(); }
  int port() const { return process_->port(); }
  int metrics_port() const { return process_->metrics_port(); }
  std::string metrics_address() const { return process_->metrics_address(); }
  std::string endpoint() const { return process_->endpoint(); }

  process::Process& process() { return *process_; }
  bool made_first_credentials() const { return made_first_credentials_; }

 private:
  Suite() = default;

  bool made_first_credentials_ = false;
  std::unique_ptr<process::Process> process_;
};

// Paths in a data directory.
using process::EndpointPath;
using process::LogPath;
using process::StorePath;

}  // namespace throughline

#pragma once

// All four services in one process, on the embedded log: what `throughline up` runs, and what tests and benchmarks
// start in their own process.
//
//   auto suite = Suite::Start({.data = dir});       // makes the directory and the first credentials
//   ... (*suite)->port() ...
//   (*suite)->Stop(absl::Seconds(10));
//
// In the data directory: `log/` (the truth), `stores/<service>/` (folds of it: can be deleted), `tokens.json` and
// `credentials/` (see libs/identity/tokens.h), `endpoint` (host:port of the running suite, removed when it stops),
// `backup-requests/` (see services/process/backup/backup_request.h).

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "services/process/process.h"

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
    process::BackupPlan backups = {};       // of the log
    const runtime::Clock* clock = nullptr;  // null: the system's
    process::OnFailure on_failure = nullptr;
  };

  // FAILED_PRECONDITION: a port is taken, the directory is in use or of another layout, backups cannot be kept where
  // they are wanted; DATA_LOSS: the log is damaged.
  static absl::StatusOr<std::unique_ptr<Suite>> Start(Options options);

  // As process::Process.
  void Stop(absl::Duration grace) { process_->Stop(grace); }
  bool UpdateHealth() { return process_->UpdateHealth(); }
  int port() const { return process_->port(); }
  int metrics_port() const { return process_->metrics_port(); }
  std::string endpoint() const { return process_->endpoint(); }
  uint64_t StoreMemoryBytes() const { return process_->StoreMemoryBytes(); }

  process::Process& process() { return *process_; }
  bool made_first_credentials() const { return made_first_credentials_; }

 private:
  Suite() = default;

  bool made_first_credentials_ = false;
  std::unique_ptr<process::Process> process_;
};

// Where things are in a data directory.
using process::EndpointPath;
using process::LogPath;
using process::StorePath;

}  // namespace throughline

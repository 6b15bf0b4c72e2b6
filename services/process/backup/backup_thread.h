#pragma once

// Takes backups of a process's stores, or of its log, periodically and on demand, and keeps the newest. Replicas of a
// service may share a directory: they take turns. Several logs may share one, too: each keeps its own.
//
// Add, TakeOnDemand, Begin and End: one thread. The destructor waits for a backup that is being taken.

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include <prometheus/registry.h>

#include "libs/server/operations/end_signal.h"
#include "services/process/backup/backup.h"
#include "services/process/backup/backup_probe.h"
#include "services/process/backup/backup_request.h"

namespace throughline::process {

struct BackupPlan {
  static constexpr absl::Duration kLeastEvery = absl::Seconds(1), kMostEvery = absl::Hours(24 * 30);
  static constexpr int kMostKeep = 1000;

  std::string directory = {};  // empty: only on demand
  // A service that starts without a usable store restores the newest backup (store_recovery.h); never a log.
  bool restore = true;
  absl::Duration every = absl::Hours(1);
  int keep = 3;  // per store or log
};

class BackupThread {
 public:
  BackupThread(BackupPlan plan, std::string replica) : plan_(std::move(plan)), replica_(std::move(replica)) {}
  ~BackupThread();

  // The host or log behind the source, and the registry, must outlive the object.
  void Add(BackupSource source, prometheus::Registry& registry);
  // Also takes a backup of the source added first whenever the desk is asked for one.
  void TakeOnDemand(std::unique_ptr<BackupDesk> desk) { desk_ = std::move(desk); }
  void Begin();
  // Begins no further backup. Does not wait for one that is being taken.
  void End() { over_.Notify(); }

 private:
  struct Job {
    BackupSource source;
    BackupProbe probe;
    absl::Time due;
  };
  void Run();
  // The next backup is due one interval after the newest, whoever took that: this process, an earlier run of it, or
  // another replica.
  void LookForOthers(Job& job);
  void TakeWhatIsDue(Job& job);
  absl::StatusOr<Backup> TakeAsked(const std::string& directory);
  absl::StatusOr<Backup> Take(Job& job, const std::string& directory);

  const BackupPlan plan_;
  const std::string replica_;
  std::vector<Job> jobs_;
  std::unique_ptr<BackupDesk> desk_;  // null: no backups on demand
  server::EndSignal over_;
  std::thread thread_;
};

}  // namespace throughline::process

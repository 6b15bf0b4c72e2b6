#include "services/process/backup_thread.h"

#include <pthread.h>

#include "absl/time/clock.h"
#include <spdlog/spdlog.h>

#include "services/process/backup.h"

namespace throughline::process {

BackupThread::~BackupThread() {
  End();
  if (thread_.joinable()) thread_.join();
}

void BackupThread::Add(log::Topic topic, runtime::Host& host, prometheus::Registry& registry) {
  const std::string service(log::ServiceName(topic));
  auto& last = prometheus::BuildGauge()
                   .Name("throughline_backup_last_success_timestamp_seconds")
                   .Help("When the newest backup of the store was taken, as Unix time; 0: never.")
                   .Register(registry)
                   .Add({});
  auto& failures = prometheus::BuildCounter()
                       .Name("throughline_backup_failures_total")
                       .Help("Backups of the store that failed.")
                       .Register(registry)
                       .Add({});
  jobs_.push_back({service, host, last, failures, absl::InfinitePast()});
  RemoveUnfinished(plan_.directory, service, replica_);
  LookForOthers(jobs_.back());
}

void BackupThread::LookForOthers(Job& job) {
  const absl::StatusOr<std::vector<Backup>> backups = ListBackups(plan_.directory, job.service);
  if (!backups.ok()) return;
  for (const Backup& backup : *backups) {
    if (backup.layout != job.host.layout()) continue;  // of no use to this version
    job.last.Set(absl::ToDoubleSeconds(backup.taken - absl::UnixEpoch()));
    job.due = backup.taken + plan_.every;
  }
}

void BackupThread::Begin() {
  thread_ = std::thread([this] { Run(); });
}

void BackupThread::Run() {
  pthread_setname_np(pthread_self(), "backup");
  do {
    for (Job& job : jobs_) {
      // What has not caught up yet would save nobody much.
      if (over_.HasBeenNotified() || absl::Now() < job.due || !job.host.Ready()) continue;
      // Replicas that share the directory share the work.
      LookForOthers(job);
      if (absl::Now() >= job.due) Take(job);
    }
  } while (!over_.WaitFor(absl::Milliseconds(200)));
}

void BackupThread::Take(Job& job) {
  const absl::Time now = absl::Now();
  job.due = now + plan_.every;
  const absl::StatusOr<Backup> taken = TakeBackup(
      {.service = job.service, .layout = job.host.layout(), .replica = replica_, .records = job.host.FoldedRecords()},
      job.host.store(), plan_.directory, now);
  if (!taken.ok()) {
    job.failures.Increment();
    spdlog::error("no backup of {}: {}", job.service, std::string(taken.status().message()));
    return;
  }
  job.last.Set(absl::ToDoubleSeconds(now - absl::UnixEpoch()));
  spdlog::info("backup of {} after {} records: {}", job.service, taken->records, taken->path);
  PruneBackups(plan_.directory, job.service, plan_.keep, now);
}

}  // namespace throughline::process

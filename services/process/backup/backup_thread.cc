#include "services/process/backup/backup_thread.h"

#include <filesystem>
#include <pthread.h>

#include "absl/time/clock.h"
#include <spdlog/spdlog.h>

namespace throughline::process {

BackupThread::~BackupThread() {
  End();
  if (thread_.joinable()) thread_.join();
}

void BackupThread::Add(BackupSource source, prometheus::Registry& registry) {
  RemoveUnfinished(plan_.directory, source.of, replica_);
  jobs_.push_back({std::move(source), BackupProbe(registry), absl::InfinitePast()});
  LookForOthers(jobs_.back());
}

void BackupThread::LookForOthers(Job& job) {
  const absl::StatusOr<std::vector<Backup>> backups = ListBackups(plan_.directory, job.source.of);
  if (!backups.ok()) return;
  for (const Backup& backup : *backups) {
    if (backup.layout != job.source.of.layout) continue;  // this version cannot use it
    if (backup.taken > absl::Now()) continue;             // taken while the clock was wrong
    job.probe.Newest(backup.taken);
    job.due = backup.taken + plan_.every;
  }
}

void BackupThread::Begin() {
  thread_ = std::thread([this] { Run(); });
}

void BackupThread::Run() {
  pthread_setname_np(pthread_self(), "backup");
  do {
    if (desk_ != nullptr) desk_->Serve([this](const std::string& directory) { return TakeAsked(directory); });
    for (Job& job : jobs_) {
      try {
        TakeWhatIsDue(job);
      } catch (const std::filesystem::filesystem_error& error) {  // the directory could not be read to its end
        job.probe.Failed();
        spdlog::error("backup of {} failed: {}", job.source.of.name(), error.what());
      }
    }
  } while (!over_.WaitFor(absl::Milliseconds(200)));
}

void BackupThread::TakeWhatIsDue(Job& job) {
  if (plan_.directory.empty() || over_.HasBeenNotified() || !job.source.ready()) return;
  // The clock may have been set back: a due time more than one interval ahead does not count.
  if (const absl::Time now = absl::Now(); now < job.due && job.due <= now + plan_.every) return;
  // Replicas that share the directory take turns.
  LookForOthers(job);
  if (absl::Now() < job.due) return;
  job.due = absl::Now() + plan_.every;
  (void)Take(job, plan_.directory).status();  // Take logs and counts a failure
}

absl::StatusOr<Backup> BackupThread::TakeAsked(const std::string& directory) {
  if (over_.HasBeenNotified()) return absl::UnavailableError("the process is being stopped");
  const std::string& where = directory.empty() ? plan_.directory : directory;
  if (where.empty()) {
    return absl::FailedPreconditionError(
        "this process has no backup directory: name one with --to, or start the process with --backup-dir");
  }
  Job& job = jobs_.front();
  if (!job.source.ready()) {
    return absl::FailedPreconditionError(job.source.of.name() +
                                         " has not caught up with the log: wait until it is ready");
  }
  return Take(job, where);
}

absl::StatusOr<Backup> BackupThread::Take(Job& job, const std::string& directory) {
  const absl::Time now = absl::Now();
  const Backup& of = job.source.of;
  absl::StatusOr<Backup> taken = TakeBackup(job.source, replica_, directory, now);
  if (!taken.ok()) {
    job.probe.Failed();
    spdlog::error("backup of {} failed: {}", of.name(), std::string(taken.status().message()));
    return taken;
  }
  job.probe.Newest(now);
  spdlog::info("backup of {} after {} records: {}", of.name(), taken->records, taken->path);
  // In another directory this process does not decide what is kept.
  if (directory == plan_.directory) PruneBackups(directory, of, plan_.keep, now);
  return taken;
}

}  // namespace throughline::process

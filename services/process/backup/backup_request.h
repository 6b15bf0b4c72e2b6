#pragma once

// Backups on demand: a tool asks a running process for a backup, through files in the process's data directory. Only
// the user that runs the process may write there.
//
//   auto taken = RequestBackup("/var/lib/throughline", "/backups", absl::Minutes(5));   // the tool
//
//   auto desk = BackupDesk::Open("/var/lib/throughline");                               // the process
//   (*desk)->Serve(take);                                                               // now and then
//
// In `<data>/backup-requests`:
//   desk          locked while a process serves requests
//   <id>.asked    holds the wanted directory; locked while the tool waits
//   <id>.answer   holds the path of the backup, or the error
// A request whose tool is gone is dropped. One thread per object.

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "services/process/backup/backup.h"

namespace throughline::process {

class BackupDesk {
 public:
  // FAILED_PRECONDITION: the data directory is not writable, or another process serves there.
  static absl::StatusOr<std::unique_ptr<BackupDesk>> Open(const std::string& data);
  BackupDesk(const BackupDesk&) = delete;
  BackupDesk& operator=(const BackupDesk&) = delete;
  ~BackupDesk();

  // Answers each pending request with the result of `take`. Its argument is the directory asked for; empty: the one in
  // which the process keeps its own backups.
  void Serve(const std::function<absl::StatusOr<Backup>(const std::string& directory)>& take);

 private:
  BackupDesk(std::string folder, int lock) : folder_(std::move(folder)), lock_(lock) {}

  const std::string folder_;
  const int lock_;
  std::set<std::string> answered_;  // ids; their tools may not have read the answer yet
};

// Waits until the process that runs on the data directory has taken a backup. NOT_FOUND: no process that takes backups
// on demand runs there. UNAVAILABLE: it ended before it answered. DEADLINE_EXCEEDED: `patience` is over. Otherwise the
// process's own error.
absl::StatusOr<Backup> RequestBackup(const std::string& data, const std::string& directory, absl::Duration patience);

}  // namespace throughline::process

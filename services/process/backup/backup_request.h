#pragma once

// Backups on demand: how a tool asks a running process for one, through files in the process's data directory, which
// only the user that runs it may write.
//
//   auto taken = RequestBackup("/var/lib/throughline", "/backups", absl::Minutes(5));   // the tool
//
//   auto desk = BackupDesk::Open("/var/lib/throughline");                               // the process
//   (*desk)->Serve(take);                                                               // now and then
//
// In the folder `<data>/backup-requests`: `desk`, locked for as long as a process serves; `<id>.asked`, with the
// directory that is wanted, locked for as long as somebody waits; `<id>.answer`, with the path of the backup or why
// there is none. A request that nobody waits for any more is dropped.
//
// One thread for each object.

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
  // FAILED_PRECONDITION: the data directory cannot be written, or another process serves there.
  static absl::StatusOr<std::unique_ptr<BackupDesk>> Open(const std::string& data);
  BackupDesk(const BackupDesk&) = delete;
  BackupDesk& operator=(const BackupDesk&) = delete;
  ~BackupDesk();

  // Answers each request that is there by what `take` says. It gets the directory, empty: the one that the process
  // keeps its backups in.
  void Serve(const std::function<absl::StatusOr<Backup>(const std::string& directory)>& take);

 private:
  BackupDesk(std::string folder, int lock) : folder_(std::move(folder)), lock_(lock) {}

  const std::string folder_;
  const int lock_;
  std::set<std::string> answered_;  // whoever asked may not have seen it yet
};

// Waits until the process that runs on the data directory has taken a backup. NOT_FOUND: none runs there, or it takes
// none on demand. UNAVAILABLE: it ended meanwhile. DEADLINE_EXCEEDED: `patience` is over. Otherwise what the process
// says.
absl::StatusOr<Backup> RequestBackup(const std::string& data, const std::string& directory, absl::Duration patience);

}  // namespace throughline::process

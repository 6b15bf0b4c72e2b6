#pragma once

// Backups taken while the process runs. A backup is a folder that holds a RocksDB checkpoint and a file BACKUP that
// describes it.
//
//   auto taken = TakeBackup(BackupOfStore(topic, host), "a", "/backups", absl::Now());
//     -> /backups/intake-20240501T120000.000Z-a/
//   RestoreBackup(taken->path, "/var/lib/throughline");   // restore.h
//
// The backup of a service's store includes the store's positions: a new replica restores it and folds only the rest of
// the log. It only saves time; the log is what must not be lost. The backup of an embedded log holds every record that
// was acknowledged before the backup began.
//
// A folder named *.partial is incomplete: it is being written or removed. Any thread; calls that run at the same time
// use different folders.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/log/embedded/embedded_log.h"
#include "libs/runtime/engine/host.h"

namespace throughline::process {

struct Backup {
  enum class Kind { kStore, kLog };

  Kind kind = Kind::kStore;
  std::string service = {};  // for a store
  std::string layout = {};   // for a store: of its rows; a service with another layout cannot use it
  std::string log = {};      // for a log: its cluster id, which a restore keeps
  std::string path = {};
  std::string replica = {};  // the replica that took it
  absl::Time taken = absl::InfinitePast();
  int64_t records = 0;  // the backup holds at least this many records of the log

  // Whether both are backups of the same store (of any layout) or of the same log.
  bool SameAs(const Backup& other) const { return kind == other.kind && service == other.service && log == other.log; }
  // "intake" or "log": the folder's name begins with it.
  std::string name() const { return kind == Kind::kLog ? "log" : service; }
};

// What can be backed up.
struct BackupSource {
  Backup of;
  std::function<bool()> ready;  // false: a backup now would not be useful
  // Copies it to a path that does not exist yet. Returns how many records of the log the copy holds at least.
  std::function<absl::StatusOr<int64_t>(const std::string& path)> copy;
  // The backup must not be inside this directory, or both would be lost together; empty: no restriction.
  std::string outside = {};
};
// Both references must outlive the source.
BackupSource BackupOfStore(log::Topic service, runtime::Host& host);
absl::StatusOr<BackupSource> BackupOfLog(log::EmbeddedLog& log, const std::string& data);

// Creates the directory. FAILED_PRECONDITION: that failed, or the directory is `outside` or inside it.
absl::Status MakeBackupDirectory(const std::string& directory, const std::string& outside);

// FAILED_PRECONDITION: as MakeBackupDirectory, or writing failed. On failure nothing is left behind.
absl::StatusOr<Backup> TakeBackup(const BackupSource& source, const std::string& replica, const std::string& directory,
                                  absl::Time now);

// A backup whose BACKUP file is damaged.
struct Unreadable {
  std::string path;
  absl::Status why;
};
// The complete backups, oldest first: all, or those of the same source as `of`. Adds to `unreadable`, unless it is
// null. NOT_FOUND: there is no such directory.
absl::StatusOr<std::vector<Backup>> ListBackups(const std::string& directory,
                                                const std::optional<Backup>& of = std::nullopt,
                                                std::vector<Unreadable>* unreadable = nullptr);
// NOT_FOUND: there is no backup at `path`. DATA_LOSS: its BACKUP file is damaged.
absl::StatusOr<Backup> ReadBackup(const std::string& path);

// Keeps the newest `keep` backups of the same source and removes the others, those dated after `now` first. Also
// removes unfinished ones that were begun more than a day ago. Returns how many were removed.
int PruneBackups(const std::string& directory, const Backup& of, int keep, absl::Time now);

// Removes unfinished backups of this replica: it was killed while it wrote them.
void RemoveUnfinished(const std::string& directory, const Backup& of, const std::string& replica);

}  // namespace throughline::process

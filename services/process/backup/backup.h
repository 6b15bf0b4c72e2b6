#pragma once

// Backups, taken while the process runs: a folder with a checkpoint, and a file BACKUP that says what it is of.
//
// Of a service's store: its positions are among the rows, so that a new replica starts from it and folds only what came
// after. It saves time and nothing else, as the log is what must not be lost. Of the embedded log: all that was
// acknowledged before it was begun.
//
//   auto taken = TakeBackup(BackupOfStore(topic, host), "a", "/backups", absl::Now());
//     -> /backups/intake-20240501T120000.000Z-a/
//   RestoreBackup(taken->path, "/var/lib/throughline");   // restore.h
//
// A folder that is not whole is named *.partial: until it is on the disk, and while it is being removed. Any thread;
// different folders.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/log/embedded/embedded_log.h"
#include "libs/runtime/engine/host.h"

namespace throughline::process {

struct Backup {
  enum class Kind { kStore, kLog };

  Kind kind = Kind::kStore;
  std::string service = {};  // of a store
  std::string layout = {};   // of a store's rows; a service of another layout folds everything anew
  std::string log = {};      // of a log: its cluster id, which it keeps wherever it is restored
  std::string path = {};
  std::string replica = {};  // that made it
  absl::Time taken = absl::InfinitePast();
  int64_t records = 0;  // of the log that it holds at least

  // Whether both are of the same store, whatever its layout, or of the same log.
  bool SameAs(const Backup& other) const { return kind == other.kind && service == other.service && log == other.log; }
  // "intake", "log": what the folder's name begins with.
  std::string name() const { return kind == Kind::kLog ? "log" : service; }
};

// What backups are taken of.
struct BackupSource {
  Backup of;
  std::function<bool()> ready;  // whether one is worth taking
  // Copies it to a path that does not exist. How many records of the log the copy holds at least.
  std::function<absl::StatusOr<int64_t>(const std::string& path)> copy;
  // What a backup must not be kept in, for it would be lost with it; empty: it may be anywhere.
  std::string outside = {};
};
// Both must outlive the source.
BackupSource BackupOfStore(log::Topic service, runtime::Host& host);
absl::StatusOr<BackupSource> BackupOfLog(log::EmbeddedLog& log, const std::string& data);

// Makes the directory. FAILED_PRECONDITION: it cannot be made, or is in `outside` or the same; names the problem.
absl::Status MakeBackupDirectory(const std::string& directory, const std::string& outside);

// FAILED_PRECONDITION: as MakeBackupDirectory, or it cannot be written; says why, and leaves nothing there.
absl::StatusOr<Backup> TakeBackup(const BackupSource& source, const std::string& replica, const std::string& directory,
                                  absl::Time now);

// Those that are whole, all or only those of the same thing, the oldest first. NOT_FOUND: there is no such directory.
absl::StatusOr<std::vector<Backup>> ListBackups(const std::string& directory,
                                                const std::optional<Backup>& of = std::nullopt);
// NOT_FOUND: there is no backup at `path`; DATA_LOSS: it cannot be understood.
absl::StatusOr<Backup> ReadBackup(const std::string& path);

// Removes all but the newest `keep` of the same thing, those first that lie ahead of `now`, and what was begun more
// than a day ago and never finished. The number of those removed.
int PruneBackups(const std::string& directory, const Backup& of, int keep, absl::Time now);

// Removes what this replica began and never finished, for it was killed meanwhile.
void RemoveUnfinished(const std::string& directory, const Backup& of, const std::string& replica);

}  // namespace throughline::process

#pragma once

// Backups of stores: a folder with a checkpoint of a service's store, its positions among the rows, from which a new
// replica starts and folds only what came after. They save time and nothing else: the log is what must not be lost.
//
//   auto taken = TakeBackup({.service = "intake", ...}, store, "/backups", absl::Now());
//     -> /backups/intake-20240501T120000.000Z-a/   the checkpoint, and a file BACKUP that says what it is
//   RestoreBackup(taken->path, "/var/lib/throughline");
//
// A folder that is being written is named *.partial until it is whole. Any thread; different folders.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/store/rocks_key_value.h"

namespace throughline::process {

struct Backup {
  std::string path = {};
  std::string service;
  std::string layout;   // of its rows; a service of another layout folds everything anew
  std::string replica;  // that made it
  absl::Time taken = absl::InfinitePast();
  int64_t records = 0;  // of the log that it holds at least
};

// `what`: service, layout, replica, records. FAILED_PRECONDITION: the directory cannot be written; says why.
absl::StatusOr<Backup> TakeBackup(Backup what, store::RocksKeyValue& store, const std::string& directory,
                                  absl::Time now);

// Those that are whole, of one service or of all (""), the oldest first. NOT_FOUND: there is no such directory.
absl::StatusOr<std::vector<Backup>> ListBackups(const std::string& directory, const std::string& service = "");
// NOT_FOUND: there is no backup at `path`; DATA_LOSS: it cannot be understood.
absl::StatusOr<Backup> ReadBackup(const std::string& path);

// Removes all but the newest `keep` of a service, and what was begun more than a day ago and never finished. The number
// of those removed.
int PruneBackups(const std::string& directory, const std::string& service, int keep, absl::Time now);

// Removes what this replica began and never finished, for it was killed meanwhile.
void RemoveUnfinished(const std::string& directory, const std::string& service, const std::string& replica);

// Reads the whole backup. As ReadBackup; DATA_LOSS: a file is damaged, says which.
absl::StatusOr<Backup> VerifyBackup(const std::string& path);

// Puts the backup in the place of the service's store in the data directory `data`, of a replica that does not run. The
// store's path. ALREADY_EXISTS: there is one, unless `replace`.
absl::StatusOr<std::string> RestoreBackup(const std::string& path, const std::string& data, bool replace);

}  // namespace throughline::process

#pragma once

// What backups (backup.h) are for. Any thread; different folders.

#include <string>

#include "absl/status/statusor.h"

#include "services/process/backup/backup.h"

namespace throughline::process {

// Reads a whole store's backup. As ReadBackup; DATA_LOSS: a file is damaged, says which. INVALID_ARGUMENT: it is a
// log's, which is proven by walking it (services/throughline/log_walk.h).
absl::StatusOr<Backup> VerifyStoreBackup(const std::string& path);

// Puts the backup into the data directory `data` of what does not run; where it stands there. It is whole and on the
// disk, or not there at all.
//
// A store's takes the place of the service's store. ALREADY_EXISTS: there is one, unless `replace`.
// A log's begins a suite anew. ALREADY_EXISTS: there is a log or a store already. A store that has folded more than the
// restored log holds would be refused, and is made from the log anyway. So nothing is ever replaced: INVALID_ARGUMENT.
absl::StatusOr<std::string> RestoreBackup(const std::string& path, const std::string& data, bool replace);

}  // namespace throughline::process

#pragma once

// Verifies backups (backup.h) and restores them. Any thread; calls that run at the same time use different folders.

#include <string>

#include "absl/status/statusor.h"

#include "services/process/backup/backup.h"

namespace throughline::process {

// Reads the whole backup of a store. Errors as ReadBackup, and DATA_LOSS names the damaged file. INVALID_ARGUMENT: it
// is the backup of a log; verify that by walking it (services/throughline/log_walk.h).
absl::StatusOr<Backup> VerifyStoreBackup(const std::string& path);

// Restores the backup into the data directory `data`, which no process may be using. Returns the restored path. The
// result is either complete and synced, or not there at all. RESOURCE_EXHAUSTED: the disk is full.
//
// A store replaces the service's store. ALREADY_EXISTS: there is one, and `replace` is false. FAILED_PRECONDITION: a
// process uses it, or restores it now.
// A log starts a new data directory. ALREADY_EXISTS: there is a log or a store already; a store could have folded more
// than the restored log holds. INVALID_ARGUMENT: `replace` with a log, which is never replaced.
absl::StatusOr<std::string> RestoreBackup(const std::string& path, const std::string& data, bool replace);

// As RestoreBackup, for a store that the caller has verified and whose place is free; replaces what an interrupted
// restore left. RESOURCE_EXHAUSTED: the disk is full.
absl::Status RestoreVerified(const Backup& backup, const std::string& store);

}  // namespace throughline::process

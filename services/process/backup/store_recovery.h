#pragma once

// Restores a service's store from its newest backup when the service starts without a store that it can use, so that it
// folds only what came after.
//
//   host_options.restore = [&] { return RecoverStore(wanted, *log, probe); };   // RocksKeyValue::Options::restore
//
// Never for a log: commands acknowledged after the backup would vanish, and nobody would notice. A store is a fold of
// the log, so here nothing can be lost.

#include <string>
#include <vector>

#include "absl/status/status.h"

#include "libs/log/event_log.h"
#include "services/process/backup/backup_probe.h"

namespace throughline::process {

struct StoreRecovery {
  std::string directory;  // of the backups
  log::Topic service = log::Topic::kIntake;
  std::string layout;             // of the store
  std::vector<log::Topic> folds;  // topics that the service folds
  std::string store;              // where it belongs; there is nothing now
};

// Takes the backup that holds most of the log. Each backup is verified first: every block of its files, the log that it
// was folded from, and that the log reaches as far. One that does not fit is logged and counted, and the next older one
// is tried. OK if none fits: the store is then folded from the start. RESOURCE_EXHAUSTED: the disk is full, even
// without the damaged store that was set aside. UNAVAILABLE: the log does not say where it ends.
absl::Status RecoverStore(const StoreRecovery& wanted, log::EventLog& log, RestoreProbe& probe);

}  // namespace throughline::process

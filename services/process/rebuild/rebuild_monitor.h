#pragma once

// Shows how far the building of a store has come, in the service's metrics, whose names stand here and nowhere else,
// and in its log: of one beside the store that serves, whichever process builds it, or of the service's own while it
// starts. One thread.

#include <optional>
#include <string>

#include "absl/time/time.h"
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include "libs/runtime/engine/readiness.h"
#include "services/process/rebuild/progress.h"

namespace throughline::process {

class RebuildMonitor {
 public:
  // `registry` must outlive it. `service`: its name; `store`: the path of the store that serves, with this layout.
  RebuildMonitor(prometheus::Registry& registry, std::string service, std::string store, std::string layout);

  // Reads what is there, about once a second. `status`: of the service's fold, with so many records folded.
  void Look(absl::Time now, const runtime::FoldStatus& status, int64_t folded);
  // Whether the builder wants to see what the service has folded up to now; since the last call.
  bool FlushWanted() const;
  // Whether a store with the service's layout is to serve in place of its own: it should begin again.
  bool Chosen() const;

 private:
  // Of the service's own fold while it has not caught up.
  std::optional<RebuildProgress> OwnProgress(absl::Time now, const runtime::FoldStatus& status, int64_t folded);
  void Log(absl::Time now, const std::optional<RebuildProgress>& beside, const std::optional<RebuildProgress>& own);

  const std::string service_;
  const std::string store_;
  const std::string layout_;
  prometheus::Gauge& running_;
  prometheus::Gauge& records_;
  prometheus::Gauge& of_;
  prometheus::Gauge& left_;
  prometheus::Gauge& complete_;
  absl::Time looked_ = absl::InfinitePast();
  absl::Time logged_ = absl::InfinitePast();
  bool was_running_ = false;
  int64_t folded_at_first_ = -1;  // below 0: not looked yet
  absl::Time first_looked_;
};

}  // namespace throughline::process

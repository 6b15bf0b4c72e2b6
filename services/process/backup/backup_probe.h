#pragma once

// The metrics of backups. Any thread.

#include "absl/status/status.h"
#include "absl/time/time.h"
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

namespace throughline::process {

// Of taking them. The registry must outlive it.
class BackupProbe {
 public:
  explicit BackupProbe(prometheus::Registry& registry);
  void Newest(absl::Time taken) { last_.Set(absl::ToDoubleSeconds(taken - absl::UnixEpoch())); }
  void Failed() { failures_.Increment(); }

 private:
  prometheus::Gauge& last_;
  prometheus::Counter& failures_;
};

// Of restoring a store when its service starts. The registry must outlive it.
class RestoreProbe {
 public:
  explicit RestoreProbe(prometheus::Registry& registry);
  // `records`: how many records of the log the restored store holds.
  void Restored(int64_t records, absl::Duration took);
  // Why a backup was not taken: DATA_LOSS it is damaged, UNIMPLEMENTED it has another layout, FAILED_PRECONDITION it is
  // of another log, OUT_OF_RANGE it is ahead of the log. Others count as unreadable.
  void Refused(absl::StatusCode why);

 private:
  prometheus::Gauge& records_;
  prometheus::Gauge& seconds_;
  prometheus::Family<prometheus::Counter>& refused_;
};

}  // namespace throughline::process

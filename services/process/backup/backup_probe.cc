#include "services/process/backup/backup_probe.h"

namespace throughline::process {
namespace {

const char* ReasonOf(absl::StatusCode why) {
  switch (why) {
    case absl::StatusCode::kDataLoss:
      return "damaged";
    case absl::StatusCode::kUnimplemented:
      return "layout";
    case absl::StatusCode::kFailedPrecondition:
      return "other_log";
    case absl::StatusCode::kOutOfRange:
      return "ahead";
    default:
      return "unreadable";
  }
}

}  // namespace

BackupProbe::BackupProbe(prometheus::Registry& registry)
    : last_(prometheus::BuildGauge()
                .Name("throughline_backup_last_success_timestamp_seconds")
                .Help("When the newest backup of the store, or of the log, was taken, as Unix time; 0: never.")
                .Register(registry)
                .Add({})),
      failures_(prometheus::BuildCounter()
                    .Name("throughline_backup_failures_total")
                    .Help("Backups of the store, or of the log, that failed.")
                    .Register(registry)
                    .Add({})) {}

RestoreProbe::RestoreProbe(prometheus::Registry& registry)
    : records_(prometheus::BuildGauge()
                   .Name("throughline_backup_restored_records")
                   .Help("Records of the log that the store held when it was restored from a backup at the start; 0: "
                         "it was not restored.")
                   .Register(registry)
                   .Add({})),
      seconds_(prometheus::BuildGauge()
                   .Name("throughline_backup_restore_seconds")
                   .Help("How long it took to restore the store from a backup at the start, verification included.")
                   .Register(registry)
                   .Add({})),
      refused_(prometheus::BuildCounter()
                   .Name("throughline_backup_refused_total")
                   .Help("Backups that the store was not restored from at the start, by reason.")
                   .Register(registry)) {
  for (absl::StatusCode why :
       {absl::StatusCode::kDataLoss, absl::StatusCode::kUnimplemented, absl::StatusCode::kFailedPrecondition,
        absl::StatusCode::kOutOfRange, absl::StatusCode::kUnknown}) {
    refused_.Add({{"reason", ReasonOf(why)}});
  }
}

void RestoreProbe::Restored(int64_t records, absl::Duration took) {
  records_.Set(static_cast<double>(records));
  seconds_.Set(absl::ToDoubleSeconds(took));
}

void RestoreProbe::Refused(absl::StatusCode why) { refused_.Add({{"reason", ReasonOf(why)}}).Increment(); }

}  // namespace throughline::process

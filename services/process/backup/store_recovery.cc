#include "services/process/backup/store_recovery.h"

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <set>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include <spdlog/spdlog.h>

#include "libs/runtime/engine/log_identity.h"
#include "libs/store/damaged_row.h"
#include "libs/store/rocks/rocks_key_value.h"
#include "services/process/backup/restore.h"

namespace throughline::process {
namespace {

using Positions = std::vector<log::Position>;

int64_t Records(const Positions& positions) {
  return std::accumulate(positions.begin(), positions.end(), int64_t{0},
                         [](int64_t sum, const log::Position& position) { return sum + position.offset; });
}

absl::StatusOr<Positions> EndsOf(log::EventLog& log, const log::Identity& identity,
                                 const std::vector<log::Topic>& folds) {
  std::vector<log::Partition> partitions;
  for (const auto& topic : identity.topics) {
    if (!absl::c_linear_search(folds, topic.topic)) continue;
    for (int32_t i = 0; i < topic.partitions; ++i) partitions.push_back({topic.topic, i});
  }
  absl::StatusOr<Positions> ends;
  absl::Notification answered;  // every log answers within its own timeout
  log.QueryEnds(partitions, [&](absl::StatusOr<Positions> answer) {
    ends = std::move(answer);
    answered.Notify();
  });
  answered.WaitForNotification();
  return ends;
}

class Recovery {
 public:
  Recovery(const StoreRecovery& wanted, const log::Identity& identity, const Positions& ends, RestoreProbe& probe)
      : wanted_(wanted), name_(log::ServiceName(wanted.service)), identity_(identity), ends_(ends), probe_(probe) {}

  absl::Status Run() {
    while (const std::optional<Backup> backup = Next()) {
      const absl::Time began = absl::Now();
      absl::StatusOr<Positions> folded = Verify(*backup);
      absl::Status status = folded.status();
      if (status.ok()) status = CopyOf(*backup);
      if (status.ok()) {
        Restored(*backup, *folded, absl::Now() - began);
        return absl::OkStatus();
      }
      if (!absl::IsResourceExhausted(status)) {
        Refuse(backup->path, WasRemoved(*backup) ? absl::NotFoundError("it was removed meanwhile") : status);
      } else if (!MakeRoom()) {
        return absl::ResourceExhaustedError(absl::StrCat(
            "cannot restore the store of ", name_, " from ", backup->path, ": ", std::string(status.message()),
            "; free space, or set backup.restore to false to fold the log from the start"));
      }
    }
    spdlog::info("no backup in {} fits the store of {}: it folds the log from the start", wanted_.directory, name_);
    return absl::OkStatus();
  }

 private:
  // The backup that holds most of the log and was not refused yet. Listed again each time: meanwhile another replica
  // may have taken a newer one and removed the oldest.
  std::optional<Backup> Next() {
    std::vector<Unreadable> unreadable;
    absl::StatusOr<std::vector<Backup>> backups =
        ListBackups(wanted_.directory, Backup{.kind = Backup::Kind::kStore, .service = name_}, &unreadable);
    if (!backups.ok()) return std::nullopt;  // no backup was taken yet
    for (const Unreadable& one : unreadable) {
      if (absl::StartsWith(std::filesystem::path(one.path).filename().string(), name_ + "-2")) {
        Refuse(one.path, one.why);
      }
    }
    std::optional<Backup> next;
    for (const Backup& backup : *backups) {
      if (refused_.contains(backup.path)) continue;
      if (backup.layout != wanted_.layout) {
        Refuse(backup.path, absl::UnimplementedError(
                                absl::StrCat("its layout is ", backup.layout, ", this version's is ", wanted_.layout)));
      } else if (!next || backup.records >= next->records) {
        next = backup;
      }
    }
    return next;
  }

  // How far it is folded.
  absl::StatusOr<Positions> Verify(const Backup& backup) const {
    store::RocksKeyValue::Options options;
    options.path = backup.path;
    options.layout = wanted_.layout;
    const auto store = store::RocksKeyValue::OpenToRead(options);
    if (!store.ok()) return absl::DataLossError(std::string(store.status().message()));
    // Before any row is read: a damaged row of a store ends the process.
    if (absl::Status status = (*store)->VerifyFiles(); !status.ok()) return status;
    try {
      return runtime::CheckFoldedFrom(identity_, ends_, **store);
    } catch (const store::DamagedRow& damaged) {
      return absl::DataLossError(damaged.what());
    }
  }

  absl::Status CopyOf(const Backup& backup) const {
    absl::Status status = RestoreVerified(backup, wanted_.store);
    if (status.ok() || absl::IsResourceExhausted(status)) return status;
    return absl::UnknownError(std::string(status.message()));
  }

  // Another replica keeps only the newest.
  static bool WasRemoved(const Backup& backup) { return absl::IsNotFound(ReadBackup(backup.path).status()); }

  void Refuse(const std::string& path, const absl::Status& why) {
    if (!refused_.insert(path).second) return;
    probe_.Refused(why.code());
    spdlog::warn("the store of {} is not restored from the backup {}: {}", name_, path, std::string(why.message()));
  }

  // Removes the damaged store that was set aside. False: there is none.
  bool MakeRoom() const {
    const std::string aside = store::RocksKeyValue::AsidePath(wanted_.store);
    std::error_code error;
    if (!std::filesystem::exists(aside, error)) return false;
    spdlog::warn("the disk is full: the damaged store {} is removed to restore a backup in its place", aside);
    std::filesystem::remove_all(aside, error);
    return !error;
  }

  void Restored(const Backup& backup, const Positions& folded, absl::Duration took) {
    probe_.Restored(Records(folded), took);
    spdlog::info("the store of {} is restored from the backup {}, taken {}, in {}: {} records, {} are left to fold",
                 name_, backup.path, absl::FormatTime(absl::RFC3339_sec, backup.taken, absl::UTCTimeZone()),
                 absl::FormatDuration(absl::Trunc(took, absl::Milliseconds(1))), Records(folded),
                 Records(ends_) - Records(folded));
  }

  const StoreRecovery& wanted_;
  const std::string name_;
  const log::Identity& identity_;
  const Positions& ends_;
  RestoreProbe& probe_;
  std::set<std::string> refused_;  // paths
};

}  // namespace

absl::Status RecoverStore(const StoreRecovery& wanted, log::EventLog& log, RestoreProbe& probe) {
  const std::string name(log::ServiceName(wanted.service));
  spdlog::info("{} has no store in {}: looks for a backup in {}", name, wanted.store, wanted.directory);
  const absl::StatusOr<log::Identity> identity = log.Describe();
  if (!identity.ok()) return identity.status();
  const absl::StatusOr<Positions> ends = EndsOf(log, *identity, wanted.folds);
  if (!ends.ok()) return ends.status();
  return Recovery(wanted, *identity, *ends, probe).Run();
}

}  // namespace throughline::process

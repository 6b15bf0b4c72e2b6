#include "services/process/backup/backup.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "libs/files/durable.h"
#include "libs/files/private_directory.h"

namespace throughline::process {
namespace {

namespace fs = std::filesystem;

constexpr char kAbout[] = "/BACKUP";
constexpr char kPartial[] = ".partial";
constexpr char kStaged[] = ".partial.tmp";  // RocksDB writes a checkpoint here first

std::string NameOf(const Backup& of, absl::Time taken) {
  return absl::StrCat(of.name(), "-", absl::FormatTime("%Y%m%dT%H%M%E3SZ", taken, absl::UTCTimeZone()));
}

bool IsPartial(const std::string& name) { return absl::EndsWith(name, kPartial) || absl::EndsWith(name, kStaged); }

// Replaces what a file name may not contain.
std::string Plain(std::string name) {
  for (char& c : name) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '.') c = '_';
  }
  return name;
}

absl::Status Cannot(const std::string& what, const std::error_code& error) {
  return absl::FailedPreconditionError(absl::StrCat("cannot ", what, ": ", error.message()));
}

bool WriteAbout(const Backup& backup, const std::string& folder) {
  std::ofstream file(folder + kAbout);
  if (backup.kind == Backup::Kind::kLog) {
    file << "kind=log\nlog=" << backup.log;
  } else {
    file << "kind=store\nservice=" << backup.service << "\nlayout=" << backup.layout;
  }
  file << "\nreplica=" << backup.replica
       << "\ntaken=" << absl::FormatTime(absl::RFC3339_full, backup.taken, absl::UTCTimeZone())
       << "\nrecords=" << backup.records << "\n";
  file.flush();
  return file.good();
}

// Older backups are removed once this one exists, so it must survive a power loss.
absl::Status Complete(const Backup& backup, const std::string& partial, const std::string& directory) {
  if (!WriteAbout(backup, partial)) {
    return absl::FailedPreconditionError(absl::StrCat("cannot write ", partial, kAbout, ": is the disk full?"));
  }
  if (std::error_code error = files::Sync(partial + kAbout)) return Cannot("sync " + partial + kAbout, error);
  if (std::error_code error = files::Sync(partial)) return Cannot("sync " + partial, error);
  std::error_code error;
  fs::rename(partial, backup.path, error);
  if (error) return Cannot("rename " + partial, error);
  if (error = files::Sync(directory); error) return Cannot("sync " + directory, error);
  return absl::OkStatus();
}

}  // namespace

BackupSource BackupOfStore(log::Topic service, runtime::Host& host) {
  return {{.kind = Backup::Kind::kStore, .service = std::string(log::ServiceName(service)), .layout = host.layout()},
          [&host] { return host.Ready(); },  // a backup of a store that lags saves little time
          [&host](const std::string& path) -> absl::StatusOr<int64_t> {
            const int64_t records = host.FoldedRecords();
            if (absl::Status status = host.store().Checkpoint(path); !status.ok()) return status;
            return records;
          }};
}

absl::StatusOr<BackupSource> BackupOfLog(log::EmbeddedLog& log, const std::string& data) {
  absl::StatusOr<log::Identity> identity = log.Describe();
  if (!identity.ok()) return identity.status();
  return BackupSource{{.kind = Backup::Kind::kLog, .log = identity->cluster_id},
                      [] { return true; },
                      [&log](const std::string& path) { return log.Checkpoint(path); },
                      data};
}

absl::Status MakeBackupDirectory(const std::string& directory, const std::string& outside) {
  std::error_code error;
  if (!outside.empty()) {
    // Checked before the directory is made, so that nothing is left inside the data directory.
    const fs::path at = fs::weakly_canonical(fs::absolute(directory), error);
    const fs::path data = fs::weakly_canonical(fs::absolute(outside), error);
    if (error) return Cannot("check the backup directory " + directory, error);
    if (std::mismatch(data.begin(), data.end(), at.begin(), at.end()).first == data.end()) {
      return absl::FailedPreconditionError(absl::StrCat("the backup directory ", directory,
                                                        " is in the data directory ", outside,
                                                        ", and would be lost with it: choose another"));
    }
  }
  error = files::MakePrivateDirectories(directory);
  return error ? Cannot("create the backup directory " + directory, error) : absl::OkStatus();
}

absl::StatusOr<Backup> TakeBackup(const BackupSource& source, const std::string& replica, const std::string& directory,
                                  absl::Time now) {
  if (absl::Status status = MakeBackupDirectory(directory, source.outside); !status.ok()) return status;
  Backup taken = source.of;
  taken.replica = replica;
  taken.taken = now;
  // The replica's name keeps apart replicas that use the same directory at the same time.
  taken.path = absl::StrCat(directory, "/", NameOf(taken, now), "-", Plain(replica));
  const std::string partial = taken.path + kPartial;
  absl::StatusOr<int64_t> records = source.copy(partial);
  absl::Status status = records.status();
  if (status.ok()) {
    taken.records = *records;
    status = Complete(taken, partial, directory);
  }
  if (status.ok()) return taken;
  std::error_code ignored;
  fs::remove_all(partial, ignored);
  return status;
}

absl::StatusOr<Backup> ReadBackup(const std::string& path) {
  std::ifstream file(path + kAbout);
  if (!file) return absl::NotFoundError("there is no backup at " + path);
  Backup backup;
  backup.path = path;
  bool understood = true, ended = false;
  for (std::string line; std::getline(file, line);) {
    const size_t equals = line.find('=');
    if (equals == std::string::npos) continue;
    const std::string name = line.substr(0, equals);
    const std::string value = line.substr(equals + 1);
    if (name == "kind") understood = understood && (value == "log" || value == "store");
    if (name == "kind" && value == "log") backup.kind = Backup::Kind::kLog;
    if (name == "log") backup.log = value;
    if (name == "service") backup.service = value;
    if (name == "layout") backup.layout = value;
    if (name == "replica") backup.replica = value;
    if (name == "taken") understood = understood && absl::ParseTime(absl::RFC3339_full, value, &backup.taken, nullptr);
    if (name == "records") ended = absl::SimpleAtoi(value, &backup.records);  // the last line
  }
  const bool complete =
      backup.kind == Backup::Kind::kLog ? !backup.log.empty() : !backup.service.empty() && !backup.layout.empty();
  if (understood && ended && complete) return backup;
  return absl::DataLossError(absl::StrCat(path, kAbout, " cannot be read: the backup is damaged, use another one"));
}

absl::StatusOr<std::vector<Backup>> ListBackups(const std::string& directory, const std::optional<Backup>& of,
                                                std::vector<Unreadable>* unreadable) {
  std::error_code error;
  fs::directory_iterator folders(directory, error);
  if (error) return absl::NotFoundError(absl::StrCat("cannot read ", directory, ": ", error.message()));
  std::vector<Backup> backups;
  for (const fs::directory_entry& folder : folders) {
    if (IsPartial(folder.path().string())) continue;
    absl::StatusOr<Backup> backup = ReadBackup(folder.path());
    if (unreadable != nullptr && absl::IsDataLoss(backup.status())) {
      unreadable->push_back({folder.path(), backup.status()});
    }
    if (backup.ok() && (!of || of->SameAs(*backup))) backups.push_back(*std::move(backup));
  }
  std::sort(backups.begin(), backups.end(), [](const Backup& a, const Backup& b) { return a.taken < b.taken; });
  return backups;
}

int PruneBackups(const std::string& directory, const Backup& of, int keep, absl::Time now) {
  absl::StatusOr<std::vector<Backup>> backups = ListBackups(directory, of);
  if (!backups.ok()) return 0;
  // A backup dated in the future was taken while the clock was wrong: count it as the oldest.
  std::stable_partition(backups->begin(), backups->end(), [now](const Backup& backup) { return backup.taken > now; });
  int removed = 0;
  std::error_code ignored;
  for (size_t i = 0; i + static_cast<size_t>(keep) < backups->size(); ++i) {
    // Rename first: a half-removed folder must not look like a backup.
    const std::string gone = (*backups)[i].path + kPartial;
    fs::rename((*backups)[i].path, gone, ignored);
    fs::remove_all(gone, ignored);
    ++removed;
  }
  const std::string yesterday = NameOf(of, now - absl::Hours(24));
  for (const fs::directory_entry& folder : fs::directory_iterator(directory, ignored)) {
    const std::string name = folder.path().filename();
    if (!absl::StartsWith(name, of.name() + "-2") || !IsPartial(name) || name >= yesterday) continue;
    fs::remove_all(folder.path(), ignored);
    ++removed;
  }
  return removed;
}

void RemoveUnfinished(const std::string& directory, const Backup& of, const std::string& replica) {
  // Compare after the fixed-length part of the name, so that `b` does not match the end of `a-b`.
  const size_t named = NameOf(of, absl::UnixEpoch()).size();
  const std::string own = absl::StrCat("-", Plain(replica));
  std::error_code ignored;
  for (const fs::directory_entry& folder : fs::directory_iterator(directory, ignored)) {
    const std::string name = folder.path().filename();
    if (!absl::StartsWith(name, of.name() + "-2") || name.size() < named) continue;
    const std::string rest = name.substr(named);
    if (rest != own + kPartial && rest != own + kStaged) continue;
    fs::remove_all(folder.path(), ignored);
  }
}

}  // namespace throughline::process

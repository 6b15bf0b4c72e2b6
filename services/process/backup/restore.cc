#include "services/process/backup/restore.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"

#include "libs/files/directory_lock.h"
#include "libs/files/durable.h"
#include "libs/files/private_directory.h"
#include "libs/runtime/kill_point.h"
#include "services/process/process.h"

namespace throughline::process {
namespace {

namespace fs = std::filesystem;

absl::Status Impossible(const std::string& what, const std::error_code& error) {
  const std::string why = absl::StrCat("cannot ", what, ": ", error.message());
  const bool full = error.value() == ENOSPC || error.value() == EDQUOT;
  return full ? absl::ResourceExhaustedError(why) : absl::FailedPreconditionError(why);
}

store::RocksKeyValue::Options StoreAt(const std::string& path, const Backup& backup) {
  store::RocksKeyValue::Options options;
  options.path = path;
  options.layout = backup.layout;
  return options;
}

// A store shares its immutable tables with its backup by hard links. A log is copied: with hard links, damage on the
// disk would hit both.
absl::Status CopyFile(const fs::path& from, const fs::path& to, Backup::Kind kind) {
  std::error_code error;
  if (kind == Backup::Kind::kStore && from.extension() == ".sst") {
    fs::create_hard_link(from, to, error);
    if (!error) return absl::OkStatus();
  }
  error = files::CopyDurably(from, to);
  return error ? Impossible("copy " + from.string() + " to " + to.string(), error) : absl::OkStatus();
}

// Copies to a folder beside `to` and renames.
absl::Status Copy(const Backup& backup, const std::string& to) {
  const std::string incoming = to + ".restored";
  std::error_code error;
  fs::remove_all(incoming, error);
  if (error = files::MakePrivateDirectories(incoming); error) return Impossible("make " + incoming, error);
  fs::directory_iterator files(backup.path, error);
  if (error) return Impossible("read " + backup.path, error);
  for (const fs::directory_entry& file : files) {
    if (file.path().filename() == "BACKUP") continue;
    absl::Status status = CopyFile(file.path(), fs::path(incoming) / file.path().filename(), backup.kind);
    if (!status.ok()) return status;
    runtime::KillPoint("copied");
  }
  if (error = files::Sync(incoming); error) return Impossible("sync " + incoming, error);
  if (backup.kind == Backup::Kind::kStore) fs::remove_all(to, error);
  fs::rename(incoming, to, error);
  if (error) return Impossible("rename " + incoming, error);
  if (error = files::Sync(fs::path(to).parent_path()); error) return Impossible("sync the directory of " + to, error);
  runtime::KillPoint("restored");
  return absl::OkStatus();
}

absl::Status Restore(const Backup& backup, const std::string& to) {
  absl::Status status = Copy(backup, to);
  std::error_code ignored;
  if (!status.ok()) fs::remove_all(to + ".restored", ignored);
  return status;
}

absl::StatusOr<std::string> RestoreStore(const Backup& backup, const std::string& data, bool replace) {
  const auto topic = std::find_if(std::begin(log::kTopics), std::end(log::kTopics),
                                  [&](log::Topic t) { return log::ServiceName(t) == backup.service; });
  if (topic == std::end(log::kTopics)) {
    return absl::DataLossError(absl::StrCat(backup.path, " is of an unknown service: ", backup.service));
  }
  const std::string store = StorePath(data, *topic);
  const fs::path parent = fs::path(store).parent_path();
  std::error_code error = files::MakePrivateDirectories(parent);
  if (error) return Impossible("make " + parent.string(), error);
  if (fs::exists(store, error)) {
    if (!replace) {
      return absl::AlreadyExistsError(
          absl::StrCat("there is a store at ", store, " already: give --replace to replace it with the backup"));
    }
    // A process that runs on the store holds its lock.
    auto unused = store::RocksKeyValue::Open(StoreAt(store, backup));
    if (!unused.ok()) return unused.status();
  }
  // A service that starts without a store may be restoring it (store_recovery.h).
  const std::optional<files::DirectoryLock> lock = files::DirectoryLock::TryTake(parent);
  if (!lock) return absl::FailedPreconditionError("another process restores the store at " + store + " now");
  if (absl::Status status = Restore(backup, store); !status.ok()) return status;
  return store;
}

absl::StatusOr<std::string> RestoreLog(const Backup& backup, const std::string& data, bool replace) {
  if (replace) {
    return absl::InvalidArgumentError(
        "a log is never replaced: restore into a new directory, without --replace, and keep the old log");
  }
  std::vector<std::string> taken = {LogPath(data)};
  for (log::Topic topic : log::kTopics) taken.push_back(StorePath(data, topic));
  for (const std::string& path : taken) {
    std::error_code error;
    if (!fs::exists(path, error)) continue;
    return absl::AlreadyExistsError(absl::StrCat(
        "there is ", path,
        " already: a log is restored only into a new data directory, since a store here may have folded more than "
        "the backup holds; name another with --data, or move log/ and stores/ away"));
  }
  if (absl::Status status = Restore(backup, LogPath(data)); !status.ok()) return status;
  return LogPath(data);
}

}  // namespace

absl::StatusOr<Backup> VerifyStoreBackup(const std::string& path) {
  absl::StatusOr<Backup> backup = ReadBackup(path);
  if (!backup.ok()) return backup;
  if (backup->kind != Backup::Kind::kStore) return absl::InvalidArgumentError(path + " is the backup of a log");
  auto store = store::RocksKeyValue::OpenToRead(StoreAt(path, *backup));
  if (!store.ok()) return absl::DataLossError(std::string(store.status().message()));
  if (absl::Status status = (*store)->VerifyFiles(); !status.ok()) return status;
  return backup;
}

absl::StatusOr<std::string> RestoreBackup(const std::string& path, const std::string& data, bool replace) {
  const absl::StatusOr<Backup> backup = ReadBackup(path);
  if (!backup.ok()) return backup.status();
  return backup->kind == Backup::Kind::kLog ? RestoreLog(*backup, data, replace) : RestoreStore(*backup, data, replace);
}

absl::Status RestoreVerified(const Backup& backup, const std::string& store) { return Restore(backup, store); }

}  // namespace throughline::process

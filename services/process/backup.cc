#include "services/process/backup.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "libs/files/private_directory.h"
#include "services/process/process.h"

namespace throughline::process {
namespace {

namespace fs = std::filesystem;

constexpr char kAbout[] = "/BACKUP";
constexpr char kPartial[] = ".partial";

std::string NameOf(const std::string& service, absl::Time taken) {
  return absl::StrCat(service, "-", absl::FormatTime("%Y%m%dT%H%M%E3SZ", taken, absl::UTCTimeZone()));
}

// What may stand in a file's name.
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
  file << "service=" << backup.service << "\nlayout=" << backup.layout << "\nreplica=" << backup.replica
       << "\ntaken=" << absl::FormatTime(absl::RFC3339_full, backup.taken, absl::UTCTimeZone())
       << "\nrecords=" << backup.records << "\n";
  file.flush();
  return file.good();
}

store::RocksKeyValue::Options StoreAt(const std::string& path, const Backup& backup) {
  store::RocksKeyValue::Options options;
  options.path = path;
  options.layout = backup.layout;
  return options;
}

absl::Status CopyStore(const std::string& from, const std::string& to) {
  std::error_code error = files::MakePrivateDirectories(to);
  if (error) return Cannot("make " + to, error);
  fs::directory_iterator files(from, error);
  if (error) return Cannot("read " + from, error);
  for (const fs::directory_entry& file : files) {
    const fs::path target = fs::path(to) / file.path().filename();
    if (file.path().filename() == kAbout + 1) continue;
    // Tables never change once they are written, so both may have the same file.
    if (file.path().extension() == ".sst") {
      fs::create_hard_link(file.path(), target, error);
      if (!error) continue;
    }
    fs::copy_file(file.path(), target, error);
    if (error) return Cannot("copy " + file.path().string() + " to " + target.string(), error);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Backup> TakeBackup(Backup what, store::RocksKeyValue& store, const std::string& directory,
                                  absl::Time now) {
  std::error_code error = files::MakePrivateDirectories(directory);
  if (error) return Cannot("make the directory for backups " + directory, error);
  what.taken = now;
  // With the replica's name, because others may use the directory at the same time.
  what.path = absl::StrCat(directory, "/", NameOf(what.service, now), "-", Plain(what.replica));
  const std::string partial = what.path + kPartial;
  absl::Status status = store.Checkpoint(partial);
  if (status.ok() && !WriteAbout(what, partial)) {
    status = absl::FailedPreconditionError(absl::StrCat("cannot write ", partial, kAbout, ": is the disk full?"));
  }
  if (status.ok()) {
    fs::rename(partial, what.path, error);
    if (error) status = Cannot("rename " + partial, error);
  }
  if (status.ok()) return what;
  fs::remove_all(partial, error);
  return status;
}

absl::StatusOr<Backup> ReadBackup(const std::string& path) {
  std::ifstream file(path + kAbout);
  if (!file) return absl::NotFoundError("there is no backup at " + path);
  Backup backup;
  backup.path = path;
  bool understood = true;
  for (std::string line; std::getline(file, line);) {
    const size_t equals = line.find('=');
    if (equals == std::string::npos) continue;
    const std::string name = line.substr(0, equals);
    const std::string value = line.substr(equals + 1);
    if (name == "service") backup.service = value;
    if (name == "layout") backup.layout = value;
    if (name == "replica") backup.replica = value;
    if (name == "taken") understood = understood && absl::ParseTime(absl::RFC3339_full, value, &backup.taken, nullptr);
    if (name == "records") understood = understood && absl::SimpleAtoi(value, &backup.records);
  }
  if (understood && !backup.service.empty() && !backup.layout.empty()) return backup;
  return absl::DataLossError(absl::StrCat(path, kAbout, " cannot be understood: the backup is damaged, take another"));
}

absl::StatusOr<std::vector<Backup>> ListBackups(const std::string& directory, const std::string& service) {
  std::error_code error;
  fs::directory_iterator folders(directory, error);
  if (error) return absl::NotFoundError(absl::StrCat("cannot read ", directory, ": ", error.message()));
  std::vector<Backup> backups;
  for (const fs::directory_entry& folder : folders) {
    if (absl::EndsWith(folder.path().string(), kPartial)) continue;
    absl::StatusOr<Backup> backup = ReadBackup(folder.path());
    if (backup.ok() && (service.empty() || backup->service == service)) backups.push_back(*std::move(backup));
  }
  std::sort(backups.begin(), backups.end(), [](const Backup& a, const Backup& b) { return a.taken < b.taken; });
  return backups;
}

int PruneBackups(const std::string& directory, const std::string& service, int keep, absl::Time now) {
  const absl::StatusOr<std::vector<Backup>> backups = ListBackups(directory, service);
  if (!backups.ok()) return 0;
  int removed = 0;
  std::error_code ignored;
  for (size_t i = 0; i + static_cast<size_t>(keep) < backups->size(); ++i) {
    fs::remove_all((*backups)[i].path, ignored);
    ++removed;
  }
  const std::string yesterday = NameOf(service, now - absl::Hours(24));
  for (const fs::directory_entry& folder : fs::directory_iterator(directory, ignored)) {
    const std::string name = folder.path().filename();
    if (!absl::StartsWith(name, service + "-2") || !absl::EndsWith(name, kPartial) || name >= yesterday) continue;
    fs::remove_all(folder.path(), ignored);
    ++removed;
  }
  return removed;
}

void RemoveUnfinished(const std::string& directory, const std::string& service, const std::string& replica) {
  // All names up to the replica's are equally long, so that `b` is not taken for the end of `a-b`.
  const size_t named = NameOf(service, absl::UnixEpoch()).size();
  const std::string own = absl::StrCat("-", Plain(replica), kPartial);
  std::error_code ignored;
  for (const fs::directory_entry& folder : fs::directory_iterator(directory, ignored)) {
    const std::string name = folder.path().filename();
    if (!absl::StartsWith(name, service + "-2") || name.size() < named || name.substr(named) != own) continue;
    fs::remove_all(folder.path(), ignored);
  }
}

absl::StatusOr<Backup> VerifyBackup(const std::string& path) {
  absl::StatusOr<Backup> backup = ReadBackup(path);
  if (!backup.ok()) return backup;
  auto store = store::RocksKeyValue::OpenToRead(StoreAt(path, *backup));
  if (!store.ok()) return absl::DataLossError(std::string(store.status().message()));
  if (absl::Status status = (*store)->VerifyFiles(); !status.ok()) return status;
  return backup;
}

absl::StatusOr<std::string> RestoreBackup(const std::string& path, const std::string& data, bool replace) {
  const absl::StatusOr<Backup> backup = ReadBackup(path);
  if (!backup.ok()) return backup.status();
  const auto topic = std::find_if(std::begin(log::kTopics), std::end(log::kTopics),
                                  [&](log::Topic t) { return log::ServiceName(t) == backup->service; });
  if (topic == std::end(log::kTopics)) {
    return absl::DataLossError(absl::StrCat(path, " is of a service that does not exist: ", backup->service));
  }
  const std::string store = StorePath(data, *topic);
  std::error_code error;
  if (fs::exists(store, error)) {
    if (!replace) {
      return absl::AlreadyExistsError(
          absl::StrCat("there is a store at ", store, " already: give --replace to put the backup in its place"));
    }
    // Whoever runs on it holds its lock.
    auto unused = store::RocksKeyValue::Open(StoreAt(store, *backup));
    if (!unused.ok()) return unused.status();
  }
  const std::string incoming = store + ".restored";
  fs::remove_all(incoming, error);
  if (absl::Status status = CopyStore(path, incoming); !status.ok()) return status;
  fs::remove_all(store, error);
  fs::rename(incoming, store, error);
  if (error) return Cannot("rename " + incoming, error);
  return store;
}

}  // namespace throughline::process

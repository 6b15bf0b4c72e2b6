#include "services/process/backup/backup_request.h"

#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <unistd.h>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include <spdlog/spdlog.h>

#include "libs/files/private_directory.h"
#include "libs/files/whole_file.h"

namespace throughline::process {
namespace {

namespace fs = std::filesystem;

constexpr absl::Duration kLookEvery = absl::Milliseconds(20);

std::string FolderIn(const std::string& data) { return data + "/backup-requests"; }
std::string DeskIn(const std::string& folder) { return folder + "/desk"; }
std::string AskedIn(const std::string& folder, const std::string& id) {
  return absl::StrCat(folder, "/", id, ".asked");
}
std::string AnswerIn(const std::string& folder, const std::string& id) {
  return absl::StrCat(folder, "/", id, ".answer");
}

// Whether a running process holds the lock on the file.
bool IsHeld(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool held = flock(fd, LOCK_SH | LOCK_NB) != 0;
  close(fd);
  return held;
}

absl::Status CannotWrite(const std::string& path) {
  const std::string why = absl::ErrnoToStatus(errno, "").ToString();
  return absl::FailedPreconditionError(absl::StrCat("cannot write ", path, ": ", why));
}

// Format: the status code's number, a space, then the path or the message.
std::string ToText(const absl::StatusOr<Backup>& taken) {
  return absl::StrCat(taken.status().raw_code(), " ", taken.ok() ? taken->path : std::string(taken.status().message()));
}

absl::StatusOr<Backup> FromText(const std::string& text) {
  const size_t space = text.find(' ');
  int code = 0;
  if (space == std::string::npos || !absl::SimpleAtoi(text.substr(0, space), &code)) {
    return absl::InternalError("the process sent an answer that cannot be read: " + text);
  }
  const std::string said = text.substr(space + 1);
  if (code != 0) return absl::Status(static_cast<absl::StatusCode>(code), said);
  return ReadBackup(said);
}

std::string NewId() {
  static std::atomic<int> asked{0};
  return absl::StrCat(getpid(), "-", absl::ToUnixNanos(absl::Now()), "-", asked.fetch_add(1));
}

}  // namespace

absl::StatusOr<std::unique_ptr<BackupDesk>> BackupDesk::Open(const std::string& data) {
  const std::string folder = FolderIn(data), path = DeskIn(folder);
  if (const std::error_code error = files::MakePrivateDirectories(folder)) {
    return absl::FailedPreconditionError(absl::StrCat("cannot make ", folder, ": ", error.message()));
  }
  const int lock = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return CannotWrite(path);
  // IsHeld takes the lock for a moment, so one failed attempt does not mean that another process serves.
  const absl::Time patience = absl::Now() + absl::Seconds(1);
  while (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    if (absl::Now() < patience) {
      absl::SleepFor(kLookEvery);
      continue;
    }
    close(lock);
    return absl::FailedPreconditionError(absl::StrCat(path, " is in use by another process"));
  }
  std::error_code ignored;
  for (const fs::directory_entry& file : fs::directory_iterator(folder, ignored)) {
    const std::string left = file.path();
    if (left != path && !IsHeld(left)) fs::remove(left, ignored);
  }
  return std::unique_ptr<BackupDesk>(new BackupDesk(folder, lock));
}

BackupDesk::~BackupDesk() { close(lock_); }

void BackupDesk::Serve(const std::function<absl::StatusOr<Backup>(const std::string& directory)>& take) {
  std::error_code ignored;
  std::set<std::string> waiting;
  for (const fs::directory_entry& file : fs::directory_iterator(folder_, ignored)) {
    if (file.path().extension() != ".asked") continue;
    const std::string id = file.path().stem();
    if (!IsHeld(file.path())) {
      fs::remove(file.path(), ignored);
      fs::remove(AnswerIn(folder_, id), ignored);
      continue;
    }
    waiting.insert(id);
    if (!answered_.insert(id).second) continue;
    const std::string answer = ToText(take(files::ReadFile(file.path()).value_or("")));
    if (const std::error_code error = files::ReplaceFile(AnswerIn(folder_, id), answer, 0666)) {
      spdlog::error("cannot answer a request for a backup in {}: {}", folder_, error.message());
    }
  }
  std::erase_if(answered_, [&](const std::string& id) { return !waiting.contains(id); });
}

absl::StatusOr<Backup> RequestBackup(const std::string& data, const std::string& directory, absl::Duration patience) {
  const std::string folder = FolderIn(data), id = NewId();
  const auto served = [&] { return IsHeld(DeskIn(folder)); };
  if (!served()) return absl::NotFoundError(absl::StrCat("no process that takes backups runs on ", data));
  const std::string asked = AskedIn(folder, id), unready = asked + ".new", answer = AnswerIn(folder, id);
  const int lock = open(unready.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (lock < 0) return CannotWrite(unready);
  const absl::Cleanup withdraw = [&] {
    for (const std::string& path : {unready, asked, answer}) unlink(path.c_str());
    close(lock);
  };
  // Renamed only once it is locked: without a lock the desk removes it as left by a dead tool.
  const auto size = static_cast<ssize_t>(directory.size());
  if (write(lock, directory.data(), directory.size()) != size || flock(lock, LOCK_EX | LOCK_NB) != 0 ||
      rename(unready.c_str(), asked.c_str()) != 0) {
    return CannotWrite(asked);
  }
  const absl::Time deadline = absl::Now() + patience;
  while (true) {
    const bool ended = !served();  // read first: the process may answer just before it ends
    if (access(answer.c_str(), F_OK) == 0) return FromText(files::ReadFile(answer).value_or(""));
    if (ended)
      return absl::UnavailableError(
          absl::StrCat("the process that runs on ", data, " ended before it took the backup"));
    if (absl::Now() >= deadline) {
      return absl::DeadlineExceededError(absl::StrCat("no backup within ", absl::FormatDuration(patience),
                                                      ": if the process has begun one, it will still finish it"));
    }
    absl::SleepFor(kLookEvery);
  }
}

}  // namespace throughline::process

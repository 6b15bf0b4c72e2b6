#include "libs/identity/token_readers.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include <spdlog/spdlog.h>

#include "libs/identity/host.h"
#include "libs/identity/token_file.h"

namespace throughline::identity {
namespace {

constexpr absl::Duration kLookEvery = absl::Milliseconds(20);
// How soon a running server applies a change of the file, open streams included.
constexpr absl::Duration kReadWithin = absl::Seconds(2);

std::string ReadersPath(const std::string& tokens_path) { return absl::StrCat(tokens_path, ".readers"); }

// <host>-<process>-<counter>
std::string NewName() {
  static std::atomic<int> made{0};
  return absl::StrCat(ProcessName(), "-", made.fetch_add(1));
}

enum class Standing { kGone, kBehind, kUpToDate };

Standing StandingOf(const std::string& path, const std::string& version) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno == ENOENT ? Standing::kGone : Standing::kBehind;
  const absl::Cleanup close_it = [fd] { close(fd); };
  if (flock(fd, LOCK_SH | LOCK_NB) == 0) {
    unlink(path.c_str());
    return Standing::kGone;
  }
  char told[256];
  const ssize_t size = pread(fd, told, sizeof told, 0);
  return size >= 0 && std::string_view(told, static_cast<size_t>(size)) == version ? Standing::kUpToDate
                                                                                   : Standing::kBehind;
}

}  // namespace

std::unique_ptr<TokenReader> TokenReader::Register(const std::string& tokens_path) {
  const std::string folder = ReadersPath(tokens_path), name = NewName();
  const std::string path = absl::StrCat(folder, "/", name), unready = absl::StrCat(folder, "/.", name);
  mkdir(folder.c_str(), 0700);
  const int fd = open(unready.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  // Renamed once it is locked: without a lock it would look like the file of a dead process.
  if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0 || rename(unready.c_str(), path.c_str()) != 0) {
    spdlog::info("{}: {}; `throughline token` does not wait for this process", path,
                 absl::ErrnoToStatus(errno, "cannot be written").ToString());
    if (fd >= 0) close(fd);
    return nullptr;
  }
  return std::unique_ptr<TokenReader>(new TokenReader(path, fd));
}

TokenReader::~TokenReader() {
  unlink(path_.c_str());
  close(fd_);
}

void TokenReader::HasRead(const std::string& version) {
  if (told_ == version) return;
  const auto size = static_cast<ssize_t>(version.size());
  // A reader in between sees an invalid version and looks again.
  if (pwrite(fd_, version.data(), version.size(), 0) == size && ftruncate(fd_, size) == 0) told_ = version;
}

absl::StatusOr<int> AwaitReaders(const std::string& tokens_path, absl::Duration patience) {
  const absl::Time deadline = absl::Now() + patience;
  // Servers that could not register are not seen; they read the file within this time.
  const absl::Time unseen = std::min(deadline, absl::Now() + kReadWithin);
  while (true) {
    const std::string version = TokenFileVersion(tokens_path);
    std::vector<std::string> behind;
    int up_to_date = 0;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(ReadersPath(tokens_path), error)) {
      const std::string name = entry.path().filename().string();
      if (absl::StartsWith(name, ".")) continue;
      const Standing standing = StandingOf(entry.path().string(), version);
      if (standing == Standing::kBehind) behind.push_back(name);
      if (standing == Standing::kUpToDate) ++up_to_date;
    }
    if (behind.empty() && (up_to_date > 0 || absl::Now() >= unseen)) return up_to_date;
    if (absl::Now() >= deadline) {
      return absl::DeadlineExceededError(absl::StrCat(
          absl::StrJoin(behind, ", "), " (host, process) has not read ", tokens_path, " within ",
          absl::FormatDuration(patience),
          ": it may be stopped, or its log says why it cannot read the file; the change takes effect there as soon "
          "as it reads the file"));
    }
    absl::SleepFor(kLookEvery);
  }
}

}  // namespace throughline::identity

#include "services/throughline/cli/first_given.h"

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "libs/files/private_directory.h"
#include "libs/runtime/domain/digest.h"

namespace throughline::tool {
namespace {

namespace fs = std::filesystem;

absl::Status NotKept(const fs::path& path, const std::error_code& error) {
  return absl::FailedPreconditionError(
      absl::StrCat("cannot keep in ", path.string(), " from when a time like +2h counts (", error.message(),
                   "): make the directory of --data writable, or give the time itself"));
}

// A file that was cut off by a crash counts as none.
std::optional<absl::Time> Read(const fs::path& path) {
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  int64_t micros = 0;
  if (!absl::SimpleAtoi(text, &micros)) return std::nullopt;
  return absl::FromUnixMicros(micros);
}

void ForgetOld(const fs::path& directory, absl::Time now) {
  std::error_code ignored;
  std::vector<fs::path> old;
  for (fs::directory_iterator file(directory, ignored), end; !ignored && file != end; file.increment(ignored)) {
    struct stat kept {};
    if (stat(file->path().c_str(), &kept) != 0) continue;
    if (now - absl::TimeFromTimespec(kept.st_mtim) > kFirstGivenIsKept) old.push_back(file->path());
  }
  for (const fs::path& path : old) fs::remove(path, ignored);
}

}  // namespace

absl::StatusOr<absl::Time> FirstGiven(const std::string& data, std::string_view command, absl::Time now) {
  const fs::path directory = fs::path(data) / "given";
  if (std::error_code error = files::MakePrivateDirectories(directory)) return NotKept(directory, error);
  ForgetOld(directory, now);
  const fs::path path = directory / absl::BytesToHexString(runtime::Sha256(command));
  if (const std::optional<absl::Time> given = Read(path)) return *given;
  const fs::path written = absl::StrCat(path.string(), ".", getpid());
  std::ofstream file(written, std::ios::trunc);
  file << absl::ToUnixMicros(now);
  file.close();
  const timespec times[] = {absl::ToTimespec(now), absl::ToTimespec(now)};  // by which it is forgotten
  utimensat(AT_FDCWD, written.c_str(), times, 0);
  std::error_code error;
  if (file.fail()) error = {errno, std::generic_category()};
  // Of two that give the same at once, one is the first. What is there already could not be read: it was cut off.
  std::error_code taken, ignored;
  if (!error) fs::create_hard_link(written, path, taken);
  const std::optional<absl::Time> first = taken == std::errc::file_exists ? Read(path) : std::nullopt;
  if (!error && taken && !first) fs::rename(written, path, error);
  fs::remove(written, ignored);
  if (error) return NotKept(path, error);
  return first.value_or(absl::FromUnixMicros(absl::ToUnixMicros(now)));
}

}  // namespace throughline::tool

#include "services/throughline/cli/first_given.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <unistd.h>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "libs/files/private_directory.h"
#include "libs/runtime/digest.h"

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
    const std::optional<absl::Time> given = Read(file->path());
    if (given && now - *given > kFirstGivenIsKept) old.push_back(file->path());
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
  std::error_code error;
  if (file.fail()) error = {errno, std::generic_category()};
  if (!error) fs::rename(written, path, error);
  if (error) return NotKept(path, error);
  return absl::FromUnixMicros(absl::ToUnixMicros(now));
}

}  // namespace throughline::tool

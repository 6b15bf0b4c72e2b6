#include "services/throughline/cli/shorthand/first_given.h"

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
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "libs/crypto/sha256.h"
#include "libs/files/private_directory.h"
#include "libs/files/whole_file.h"

namespace throughline::tool {
namespace {

namespace fs = std::filesystem;

absl::Status NotKept(const fs::path& path, const std::string& instead, const std::error_code& error) {
  return absl::FailedPreconditionError(absl::StrCat("cannot keep in ", path.string(), " what this command means (",
                                                    error.message(), "): make the directory of --data writable, or ",
                                                    instead));
}

fs::path PathOf(const std::string& data, std::string_view question) {
  return fs::path(data) / "given" / absl::BytesToHexString(crypto::Sha256(question));
}

// A file truncated by a crash counts as missing.
std::optional<std::string> Read(const fs::path& path) {
  std::optional<std::string> text = files::ReadFile(path);
  if (!text || !absl::EndsWith(*text, "\n")) return std::nullopt;
  text->pop_back();
  return text;
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

absl::StatusOr<std::string> FirstSaid(const std::string& data, std::string_view question, const std::string& answer,
                                      const std::string& instead, absl::Time now) {
  const fs::path path = PathOf(data, question);
  const fs::path directory = path.parent_path();
  if (std::error_code error = files::MakePrivateDirectories(directory)) return NotKept(directory, instead, error);
  ForgetOld(directory, now);
  if (std::optional<std::string> said = Read(path)) return *std::move(said);
  const fs::path written = absl::StrCat(path.string(), ".", getpid());
  std::ofstream file(written, std::ios::trunc);
  file << answer << "\n";
  file.close();
  const timespec times[] = {absl::ToTimespec(now),
                            absl::ToTimespec(now)};  // the file's modification time decides when it expires
  utimensat(AT_FDCWD, written.c_str(), times, 0);
  std::error_code error;
  if (file.fail()) error = {errno, std::generic_category()};
  // link() lets one of two concurrent writers win. If the target exists, it was unreadable above: truncated.
  std::error_code taken, ignored;
  if (!error) fs::create_hard_link(written, path, taken);
  const std::optional<std::string> first = taken == std::errc::file_exists ? Read(path) : std::nullopt;
  if (!error && taken && !first) fs::rename(written, path, error);
  fs::remove(written, ignored);
  if (error) return NotKept(path, instead, error);
  return first.value_or(answer);
}

std::optional<std::string> WhatWasSaid(const std::string& data, std::string_view question) {
  return Read(PathOf(data, question));
}

absl::StatusOr<absl::Time> FirstGiven(const std::string& data, std::string_view command, absl::Time now) {
  const std::string micros = absl::StrCat(absl::ToUnixMicros(now));
  const auto first = FirstSaid(data, command, micros, "give the time itself", now);
  if (!first.ok()) return first.status();
  int64_t given = 0;
  if (!absl::SimpleAtoi(*first, &given)) return absl::DataLossError("what was kept of a command is no time");
  return absl::FromUnixMicros(given);
}

}  // namespace throughline::tool

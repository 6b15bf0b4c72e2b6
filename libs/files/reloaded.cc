#include "libs/files/reloaded.h"

#include <algorithm>
#include <filesystem>
#include <sys/stat.h>
#include <vector>

#include "absl/strings/str_cat.h"

namespace throughline::files {
namespace {

std::string VersionOfFile(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) return "";
  return absl::StrCat(info.st_dev, "/", info.st_ino, "/", info.st_size, "/", info.st_mtim.tv_sec, ".",
                      info.st_mtim.tv_nsec);
}

std::string VersionOfOne(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return VersionOfFile(path);
  std::vector<std::string> versions;
  for (std::filesystem::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
    versions.push_back(absl::StrCat(entry->path().filename().string(), " ", VersionOfFile(entry->path().string())));
  }
  std::sort(versions.begin(), versions.end());
  std::string version;
  for (const std::string& one : versions) absl::StrAppend(&version, one, "\n");
  return version;
}

}  // namespace

std::string VersionOf(const std::vector<std::string>& paths) {
  std::string version;
  for (const std::string& path : paths) absl::StrAppend(&version, path, ": ", VersionOfOne(path), "\n");
  return version;
}

}  // namespace throughline::files

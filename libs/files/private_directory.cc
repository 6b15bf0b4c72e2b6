#include "libs/files/private_directory.h"

#include <cerrno>
#include <sys/stat.h>

namespace throughline::files {

std::error_code MakePrivateDirectories(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return {};
  const std::filesystem::path parent = path.parent_path();
  if (!parent.empty() && parent != path) {
    if (const std::error_code error = MakePrivateDirectories(parent)) return error;
  }
  if (mkdir(path.c_str(), kPrivateDirectory) == 0) return {};
  const std::error_code error(errno, std::generic_category());
  // Another process made it meanwhile, or the path ends in a slash.
  if (std::filesystem::is_directory(path, ignored)) return {};
  return error;
}

}  // namespace throughline::files

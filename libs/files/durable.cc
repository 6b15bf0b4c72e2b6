#include "libs/files/durable.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace throughline::files {

std::error_code Sync(const std::filesystem::path& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {errno, std::generic_category()};
  std::error_code error;
  if (fsync(fd) != 0) error = {errno, std::generic_category()};
  close(fd);
  return error;
}

std::error_code CopyDurably(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code error;
  std::filesystem::copy_file(from, to, error);
  return error ? error : Sync(to);
}

}  // namespace throughline::files

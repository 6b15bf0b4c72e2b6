#include "libs/files/whole_file.h"

#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>
#include <utility>

namespace throughline::files {
namespace {

std::error_code LastError() { return {errno, std::generic_category()}; }

std::error_code WriteAll(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return LastError();
    content.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

void TakePermissions(const struct stat& like, int fd) {
  // Only root may change the owner; others may set a group of their own.
  const bool same_group =
      fchown(fd, like.st_uid, like.st_gid) == 0 || fchown(fd, static_cast<uid_t>(-1), like.st_gid) == 0;
  fchmod(fd, like.st_mode & (same_group ? 0777 : 0707));
}

}  // namespace

std::optional<std::string> ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string content;
  char buffer[16 << 10];
  while (file.read(buffer, sizeof buffer), file.gcount() > 0) {
    content.append(buffer, static_cast<size_t>(file.gcount()));
  }
  return file.bad() ? std::nullopt : std::optional(std::move(content));
}

std::error_code ReplaceFile(const std::filesystem::path& path, std::string_view content, mode_t mode,
                            const struct stat* like) {
  const std::string temporary = path.string() + ".new";
  unlink(temporary.c_str());
  const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) return LastError();
  std::error_code error = WriteAll(fd, content);
  if (!error && like != nullptr) TakePermissions(*like, fd);
  if (!error && fsync(fd) != 0) error = LastError();
  close(fd);
  if (!error && rename(temporary.c_str(), path.c_str()) != 0) error = LastError();
  if (error) unlink(temporary.c_str());
  return error;
}

}  // namespace throughline::files

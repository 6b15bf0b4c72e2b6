#include "libs/files/durable.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace throughline::files {
namespace {

struct Descriptor {
  explicit Descriptor(int fd) : fd(fd) {}
  ~Descriptor() {
    if (fd >= 0) close(fd);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  const int fd;
};

}  // namespace

std::error_code Sync(const std::filesystem::path& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {errno, std::generic_category()};
  std::error_code error;
  if (fsync(fd) != 0) error = {errno, std::generic_category()};
  close(fd);
  return error;
}

std::error_code CopyDurably(const std::filesystem::path& from, const std::filesystem::path& to) {
  const auto failed = [] { return std::error_code(errno, std::generic_category()); };
  const Descriptor in(open(from.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat about;
  if (in.fd < 0 || fstat(in.fd, &about) != 0) return failed();
  const Descriptor out(open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, about.st_mode & 0777));
  if (out.fd < 0) return failed();
  std::vector<char> buffer(size_t{1} << 20);
  while (true) {
    const ssize_t count = read(in.fd, buffer.data(), buffer.size());
    if (count < 0) return failed();
    if (count == 0) break;
    for (ssize_t done = 0; done < count;) {
      const ssize_t written = write(out.fd, buffer.data() + done, static_cast<size_t>(count - done));
      if (written < 0) return failed();
      done += written;
    }
  }
  return fsync(out.fd) == 0 ? std::error_code() : failed();
}

}  // namespace throughline::files

#include "libs/server/operations/outlet.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace throughline::server {

Outlet::Outlet(int fd) : given_(fd), fd_(fd) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return;
  is_socket_ = S_ISSOCK(status.st_mode);
  if (!S_ISFIFO(status.st_mode) && !S_ISCHR(status.st_mode)) return;  // a regular file never blocks
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  const int again = open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  may_block_ = again < 0;
  if (again >= 0) fd_ = again;
}

Outlet::~Outlet() {
  if (fd_ != given_) close(fd_);
}

absl::StatusOr<size_t> Outlet::Write(std::string_view text) {
  size_t written = 0;
  while (written < text.size()) {
    // A pipe that polls as writable has room for PIPE_BUF.
    if (may_block_ && !AwaitRoom(absl::ZeroDuration())) break;
    const std::string_view part = text.substr(written, may_block_ ? PIPE_BUF : std::string_view::npos);
    const ssize_t n = is_socket_ ? send(fd_, part.data(), part.size(), MSG_DONTWAIT | MSG_NOSIGNAL)
                                 : write(fd_, part.data(), part.size());
    if (n >= 0) {
      written += static_cast<size_t>(n);
    } else if (errno == EAGAIN) {
      break;
    } else if (errno != EINTR) {
      return absl::UnavailableError("the reader has gone");
    }
  }
  return written;
}

bool Outlet::AwaitRoom(absl::Duration patience) const {
  pollfd room{fd_, POLLOUT, 0};
  return poll(&room, 1, static_cast<int>(absl::ToInt64Milliseconds(patience))) > 0;
}

void WriteLine(int fd, std::string_view line) {
  Outlet outlet(fd);
  const std::string text = std::string(line) + "\n";
  for (std::string_view rest = text; !rest.empty();) {
    const absl::StatusOr<size_t> written = outlet.Write(rest);
    if (!written.ok()) return;
    rest.remove_prefix(*written);
    if (!rest.empty() && !outlet.AwaitRoom(absl::Seconds(1))) return;
  }
}

}  // namespace throughline::server

#pragma once

// The socket of a service manager (sd_notify(3)), as NOTIFY_SOCKET names it. One thread.

#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <vector>

#include "gtest/gtest.h"

namespace throughline::testing {

class NotifySocket {
 public:
  // A path, or a name that begins with @.
  explicit NotifySocket(std::string name)
      : name_(std::move(name)), fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name_.copy(address.sun_path, sizeof address.sun_path - 1);
    if (name_.front() == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
    EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&address), size), 0) << name_;
  }
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;
  ~NotifySocket() { close(fd_); }

  const std::string& name() const { return name_; }

  // The messages that have come.
  std::vector<std::string> Taken() {
    std::vector<std::string> messages;
    char buffer[4096];
    for (ssize_t n; (n = recv(fd_, buffer, sizeof buffer, 0)) > 0;) messages.emplace_back(buffer, n);
    return messages;
  }
  // The next message with this line; fails the test if none comes within 20 seconds of the one before.
  std::string Await(const std::string& line) {
    char buffer[4096];
    pollfd next{fd_, POLLIN, 0};
    while (poll(&next, 1, 20'000) > 0) {
      const ssize_t n = recv(fd_, buffer, sizeof buffer, 0);
      const std::string message(buffer, n > 0 ? static_cast<size_t>(n) : 0);
      if (("\n" + message + "\n").find("\n" + line + "\n") != std::string::npos) return message;
    }
    ADD_FAILURE() << "nobody says " << line;
    return "";
  }

 private:
  const std::string name_;
  const int fd_;
};

}  // namespace throughline::testing

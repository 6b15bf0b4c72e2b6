#pragma once

// A server on loopback that says what a test tells it to, and keeps what it heard. One connection at a time.

#include <arpa/inet.h>
#include <functional>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "absl/synchronization/mutex.h"
#include <gtest/gtest.h>

namespace throughline::outage {

class TestingServer {
 public:
  // `serve` gets each connection, and returns when it is over.
  explicit TestingServer(std::function<void(TestingServer&, int fd)> serve) : serve_(std::move(serve)) {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);  // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast)
    EXPECT_EQ(bind(listener_, any, size), 0);
    EXPECT_EQ(listen(listener_, 8), 0);
    EXPECT_EQ(getsockname(listener_, any, &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] {
      for (int fd; (fd = accept(listener_, nullptr, nullptr)) >= 0;) {
        const timeval patience{5, 0};
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        buffer_.clear();
        serve_(*this, fd);
        close(fd);
      }
    });
  }
  ~TestingServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }

  int port() const { return port_; }
  std::vector<std::string> heard() {
    absl::MutexLock lock(&mutex_);
    return heard_;
  }

  // For `serve`.
  static void Say(int fd, const std::string& text) { EXPECT_GT(send(fd, text.data(), text.size(), MSG_NOSIGNAL), 0); }
  // Up to and with `end`; empty: the other side has closed.
  std::string Hear(int fd, const std::string& end) {
    for (;;) {
      if (const size_t at = buffer_.find(end); at != std::string::npos) return Take(at + end.size());
      if (!Fill(fd)) return "";
    }
  }
  // So many bytes; empty: the other side has closed before.
  std::string HearBytes(int fd, size_t count) {
    while (buffer_.size() < count) {
      if (!Fill(fd)) return "";
    }
    return Take(count);
  }

 private:
  bool Fill(int fd) {
    char some[4096];
    const ssize_t got = recv(fd, some, sizeof some, 0);
    if (got > 0) buffer_.append(some, static_cast<size_t>(got));
    return got > 0;
  }
  std::string Take(size_t count) {
    std::string text = buffer_.substr(0, count);
    buffer_.erase(0, count);
    absl::MutexLock lock(&mutex_);
    heard_.push_back(text);
    return text;
  }

  const std::function<void(TestingServer&, int fd)> serve_;
  int listener_ = -1;
  int port_ = 0;
  std::string buffer_;
  absl::Mutex mutex_;
  std::vector<std::string> heard_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace throughline::outage

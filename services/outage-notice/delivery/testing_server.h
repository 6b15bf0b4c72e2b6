#pragma once

// A server on loopback that says what a test tells it to, and keeps what it heard. One connection at a time, without
// TLS or with it.

#include <arpa/inet.h>
#include <csignal>
#include <functional>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "absl/synchronization/mutex.h"
#include <gtest/gtest.h>
#include <openssl/ssl.h>

namespace throughline::outage {

class TestingServer {
 public:
  using Serve = std::function<void(TestingServer&, int fd)>;

  // `serve` gets each connection, and returns when it is over. `certificate`, if it is not empty: PEM files
  // `<certificate>.pem` and `.key`; the connection is made with TLS.
  explicit TestingServer(Serve serve, std::string certificate = "")
      : serve_(std::move(serve)), certificate_(std::move(certificate)) {
    std::signal(SIGPIPE,
                SIG_IGN);  // NOLINT(cert-err33-c): OpenSSL writes to connections that the other side has closed
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);  // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast)
    EXPECT_EQ(bind(listener_, any, size), 0);
    EXPECT_EQ(listen(listener_, 64), 0);
    EXPECT_EQ(getsockname(listener_, any, &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] {
      for (int fd; (fd = accept(listener_, nullptr, nullptr)) >= 0;) {
        const timeval patience{5, 0};
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        buffer_.clear();
        if (Encrypt(fd)) serve_(*this, fd);
        if (tls_ != nullptr) SSL_shutdown(tls_.get());
        tls_.reset();
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
  // From the next connection on.
  void Use(const std::string& certificate) {
    absl::MutexLock lock(&mutex_);
    certificate_ = certificate;
  }

  // For `serve`.
  void Say(int fd, const std::string& text) {
    const ssize_t said = tls_ != nullptr ? SSL_write(tls_.get(), text.data(), static_cast<int>(text.size()))
                                         : send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    EXPECT_GT(said, 0);
  }
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
  // False: the other side does not want to go on.
  bool Encrypt(int fd) {
    std::string certificate;
    {
      absl::MutexLock lock(&mutex_);
      certificate = certificate_;
    }
    if (certificate.empty()) return true;
    const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
    EXPECT_EQ(SSL_CTX_use_certificate_chain_file(context.get(), (certificate + ".pem").c_str()), 1) << certificate;
    EXPECT_EQ(SSL_CTX_use_PrivateKey_file(context.get(), (certificate + ".key").c_str(), SSL_FILETYPE_PEM), 1);
    tls_.reset(SSL_new(context.get()));
    SSL_set_fd(tls_.get(), fd);
    if (SSL_accept(tls_.get()) == 1) return true;
    tls_.reset();
    return false;
  }
  bool Fill(int fd) {
    char some[4096];
    const ssize_t got = tls_ != nullptr ? SSL_read(tls_.get(), some, sizeof some) : recv(fd, some, sizeof some, 0);
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
  struct Free {
    void operator()(SSL* tls) const { SSL_free(tls); }
  };

  const Serve serve_;
  int listener_ = -1;
  int port_ = 0;
  std::unique_ptr<SSL, Free> tls_;  // of the connection
  std::string buffer_;
  absl::Mutex mutex_;
  std::string certificate_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> heard_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace throughline::outage

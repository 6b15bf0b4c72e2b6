#pragma once

// Listening sockets, with errors that say what to do. Any thread.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct addrinfo;

namespace throughline::server {

// `host:port`, with brackets around an IPv6 address.
std::string JoinHostPort(const std::string& host, int port);

// FAILED_PRECONDITION: other machines can reach `host`, and TLS is needed. OK for a name that does not resolve: nobody
// can listen on it.
absl::Status CheckNotExposed(const std::string& host);

// Non-blocking listening sockets, one for each address of a host. `::` includes IPv4.
class ListenSockets {
 public:
  // `port` 0: any free one. `what`: for messages, "gRPC", "HTTP" or "metrics". FAILED_PRECONDITION, with the cause.
  static absl::StatusOr<ListenSockets> Open(std::string_view what, const std::string& host, int port);

  ListenSockets(ListenSockets&& other) noexcept : fds_(std::exchange(other.fds_, {})), port_(other.port_) {}
  ListenSockets& operator=(ListenSockets&&) = delete;
  ~ListenSockets();

  const std::vector<int>& fds() const { return fds_; }
  int port() const { return port_; }

 private:
  ListenSockets() = default;
  // 0, or errno.
  int Add(const addrinfo& address, int port);

  std::vector<int> fds_;
  int port_ = 0;
};

// The result of accepting a connection.
enum class Taken {
  kOne,
  kNone,    // none is waiting
  kUsedUp,  // descriptors or memory ran out: try again after kUsedUpPauseMs
};
constexpr int kUsedUpPauseMs = 50;
// With kOne, `fd` is a non-blocking socket with TCP_NODELAY, owned by the caller.
Taken TakeConnection(int listening, int& fd);

}  // namespace throughline::server

#pragma once

// Addresses to listen on, and why one cannot be had, said so that the reader knows what to do. Any thread.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct addrinfo;

namespace throughline::server {

// `host:port`; an IPv6 address gets the brackets that tell it from the port, if it has none.
std::string JoinHostPort(const std::string& host, int port);

// FAILED_PRECONDITION if `host` can be reached from other machines: what is sent there without TLS can be read on the
// way. OK also for a name that means nothing: nobody can listen on that.
absl::Status CheckNotExposed(const std::string& host);

// Sockets that listen, one for every address that a host stands for, without blocking. `::` takes IPv4 as well.
class ListenSockets {
 public:
  // `port` 0: any free one. FAILED_PRECONDITION with the cause. `what` it is for, as people call it: "gRPC", "metrics".
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

// What came of taking one connection.
enum class Taken {
  kOne,
  kNone,    // nobody waits
  kUsedUp,  // descriptors or memory are: to be tried again after kUsedUpPauseMs
};
constexpr int kUsedUpPauseMs = 50;
// `fd`, with kOne: a socket that does not block, sends small packets at once, and belongs to the caller.
Taken TakeConnection(int listening, int& fd);

}  // namespace throughline::server

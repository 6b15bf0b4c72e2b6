#include "libs/server/transport/listen.h"

#include <cerrno>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

#include "absl/strings/str_cat.h"

namespace throughline::server {
namespace {

using Addresses = std::unique_ptr<addrinfo, void (*)(addrinfo*)>;

// The addresses of `host`; null: it does not resolve.
Addresses Resolve(const std::string& host, int port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  const std::string name = brackets ? host.substr(1, host.size() - 2) : host;
  if (getaddrinfo(name.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) found = nullptr;
  return {found, &freeaddrinfo};
}

bool IsLoopback(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    return ntohl(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr) >> 24 == 127;
  }
  const in6_addr& ipv6 = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&ipv6) || (IN6_IS_ADDR_V4MAPPED(&ipv6) && ipv6.s6_addr[12] == 127);
}

}  // namespace

std::string JoinHostPort(const std::string& host, int port) {
  const bool bare_ipv6 = host.find(':') != std::string::npos && host.front() != '[';
  return bare_ipv6 ? absl::StrCat("[", host, "]:", port) : absl::StrCat(host, ":", port);
}

absl::Status CheckNotExposed(const std::string& host) {
  const Addresses found = Resolve(host, 0);
  for (const addrinfo* one = found.get(); one != nullptr; one = one->ai_next) {
    if (IsLoopback(*one->ai_addr)) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        host,
        " can be reached from other machines, and without TLS credentials and customers' data cross the network in the "
        "clear: give a certificate and its key (--tls-cert, --tls-key), listen on 127.0.0.1 (--host), or allow it with "
        "--insecure if something else encrypts"));
  }
  return absl::OkStatus();
}

namespace {

// `error`: errno; -1: the host does not resolve.
absl::Status CannotListen(std::string_view what, const std::string& host, int port, int error) {
  const bool metrics = what == "metrics";
  const char* port_option = metrics ? "--metrics-port" : "--port";
  const char* host_option = metrics ? "--metrics-host" : "--host";
  std::string advice = absl::StrCat("choose another with ", port_option, " or ", host_option);
  if (error == EADDRINUSE)
    advice = absl::StrCat("another program has the port: stop it, or choose another port with ", port_option);
  if (error == EACCES) {
    advice = absl::StrCat("ports below 1024 need a privilege: choose a higher one with ", port_option);
  }
  if (error == EADDRNOTAVAIL || error == EAFNOSUPPORT || error == -1) {
    advice = absl::StrCat("this machine does not have that address: give one that it has with ", host_option);
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "cannot listen for ", absl::string_view(what.data(), what.size()), " on ", JoinHostPort(host, port),
      error > 0 ? absl::StrCat(" (", std::generic_category().message(error), ")") : std::string(), ": ", advice));
}

// 0: unknown.
int PortOf(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                                             : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

}  // namespace

absl::StatusOr<ListenSockets> ListenSockets::Open(std::string_view what, const std::string& host, int port) {
  const Addresses found = Resolve(host, port);
  if (found == nullptr) return CannotListen(what, host, port, -1);
  ListenSockets sockets;
  sockets.port_ = port;
  // A name may resolve to an address that this machine lacks, such as ::1 without IPv6: one that works is enough.
  int missing = 0;
  for (const addrinfo* one = found.get(); one != nullptr; one = one->ai_next) {
    const int error = sockets.Add(*one, sockets.port_);
    if (error == EADDRNOTAVAIL || error == EAFNOSUPPORT) {
      missing = error;
    } else if (error != 0) {
      return CannotListen(what, host, port, error);
    }
  }
  if (sockets.fds_.empty()) return CannotListen(what, host, port, missing);
  return sockets;
}

int ListenSockets::Add(const addrinfo& address, int port) {
  const int fd = socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return errno;
  const int yes = 1, no = 0;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (address.ai_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
  sockaddr_storage bound{};
  std::memcpy(&bound, address.ai_addr, address.ai_addrlen);
  (address.ai_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(bound).sin6_port
                                 : reinterpret_cast<sockaddr_in&>(bound).sin_port) = htons(static_cast<uint16_t>(port));
  if (bind(fd, reinterpret_cast<const sockaddr*>(&bound), address.ai_addrlen) != 0 || listen(fd, SOMAXCONN) != 0) {
    const int error = errno;
    close(fd);
    return error;
  }
  fds_.push_back(fd);
  port_ = PortOf(fd);
  return 0;
}

ListenSockets::~ListenSockets() {
  for (const int fd : fds_) close(fd);
}

Taken TakeConnection(int listening, int& fd) {
  while (true) {
    fd = accept4(listening, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) {
      const int yes = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
      return Taken::kOne;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return Taken::kNone;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) return Taken::kUsedUp;
    // Other errors concern the connection, which is closed already (accept(2), "Error handling").
  }
}

}  // namespace throughline::server

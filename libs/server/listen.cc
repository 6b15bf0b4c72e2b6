#include "libs/server/listen.h"

#include <cerrno>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

#include "absl/strings/str_cat.h"

namespace throughline::server {
namespace {

using Addresses = std::unique_ptr<addrinfo, void (*)(addrinfo*)>;

// All that `host` stands for; null: its name means nothing.
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

// The error that binding gives, 0 if it works now; -1: the host's name means nothing.
int TryToBind(const std::string& host, int port) {
  const Addresses found = Resolve(host, port);
  if (found == nullptr) return -1;
  int error = 0;
  const int fd = socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC, 0);
  const int yes = 1;
  if (fd >= 0) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (fd < 0 || bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, 1) != 0) error = errno;
  if (fd >= 0) close(fd);
  return error;
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
        "host ", host,
        " can be reached from other machines, and without TLS credentials and customers' data cross the network in the "
        "clear: give a certificate and its key, listen on 127.0.0.1, or say `insecure` if something else encrypts"));
  }
  return absl::OkStatus();
}

absl::Status CannotListen(std::string_view what, const std::string& host, int port) {
  const int error = TryToBind(host, port);
  const char* advice = "choose another port or address";
  if (error == EADDRINUSE) advice = "another program has the port: stop it, or choose another port";
  if (error == EACCES) advice = "ports below 1024 need a privilege: choose a higher port";
  if (error == EADDRNOTAVAIL || error == -1) advice = "this machine does not have that address: give one that it has";
  return absl::FailedPreconditionError(absl::StrCat(
      "cannot listen for ", absl::string_view(what.data(), what.size()), " on ", JoinHostPort(host, port),
      error > 0 ? absl::StrCat(" (", std::generic_category().message(error), ")") : std::string(), ": ", advice));
}

}  // namespace throughline::server

#include "libs/server/listen.h"

#include <cerrno>
#include <netdb.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

#include "absl/strings/str_cat.h"

namespace throughline::server {
namespace {

// The error that binding gives, 0 if it works now; -1: the host's name means nothing.
int TryToBind(const std::string& host, int port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  const std::string name = brackets ? host.substr(1, host.size() - 2) : host;
  if (getaddrinfo(name.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return -1;
  int error = 0;
  const int fd = socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC, 0);
  const int yes = 1;
  if (fd >= 0) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (fd < 0 || bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, 1) != 0) error = errno;
  if (fd >= 0) close(fd);
  freeaddrinfo(found);
  return error;
}

}  // namespace

std::string JoinHostPort(const std::string& host, int port) {
  const bool bare_ipv6 = host.find(':') != std::string::npos && host.front() != '[';
  return bare_ipv6 ? absl::StrCat("[", host, "]:", port) : absl::StrCat(host, ":", port);
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

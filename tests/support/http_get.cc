#include "tests/support/http_get.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace throughline::testing {

absl::StatusOr<HttpAnswer> HttpAsk(const std::string& address, const std::string& path) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return absl::InvalidArgumentError("no address and port: `" + address + "`");
  std::string host = address.substr(0, colon);
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* peer = nullptr;
  if (getaddrinfo(host.c_str(), address.substr(colon + 1).c_str(), &hints, &peer) != 0) {
    return absl::InvalidArgumentError("no address and port: `" + address + "`");
  }
  const absl::Cleanup freed = [peer] { freeaddrinfo(peer); };
  const int fd = socket(peer->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return absl::ErrnoToStatus(errno, "no socket");
  const absl::Cleanup closed = [fd] { close(fd); };
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: " + address + "\r\nConnection: close\r\n\r\n";
  if (connect(fd, peer->ai_addr, peer->ai_addrlen) != 0 ||
      send(fd, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
    return absl::UnavailableError("nobody answers at " + address);
  }
  std::string answer;
  char buffer[4096];
  for (ssize_t n = 0; (n = read(fd, buffer, sizeof(buffer))) > 0;) answer.append(buffer, static_cast<size_t>(n));
  const size_t body = answer.find("\r\n\r\n");
  absl::string_view status = answer;
  HttpAnswer parsed;
  if (body == std::string::npos || !absl::ConsumePrefix(&status, "HTTP/1.1 ") ||
      !absl::SimpleAtoi(status.substr(0, 3), &parsed.status)) {
    return absl::UnavailableError(address + path + " answers: " + answer.substr(0, 100));
  }
  parsed.body = answer.substr(body + 4);
  return parsed;
}

absl::StatusOr<std::string> HttpGet(const std::string& address, const std::string& path) {
  absl::StatusOr<HttpAnswer> answer = HttpAsk(address, path);
  if (!answer.ok()) return answer.status();
  if (answer->status == 200) return std::move(answer->body);
  return absl::UnavailableError(address + path + " answers " + std::to_string(answer->status) + ": " +
                                answer->body.substr(0, 100));
}

}  // namespace throughline::testing

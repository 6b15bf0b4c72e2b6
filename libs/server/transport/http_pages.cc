#include "libs/server/transport/http_pages.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <exception>
#include <optional>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace throughline::server {
namespace {

using Clock = std::chrono::steady_clock;

struct Request {
  std::string method;
  std::string path;
  std::string bearer = "";  // empty: none
};

std::string Respond(absl::string_view status, const HttpPage& page, const Request& request = {},
                    absl::string_view header = "") {
  return absl::StrCat("HTTP/1.1 ", status, "\r\nContent-Type: ", page.type, "\r\nContent-Length: ", page.body.size(),
                      "\r\nCache-Control: no-store\r\n", header, "Connection: close\r\n\r\n",
                      request.method == "HEAD" ? "" : page.body);
}
std::string Refuse(absl::string_view status, const Request& request = {}, absl::string_view advice = "",
                   absl::string_view header = "") {
  return Respond(status, {.body = absl::StrCat(status, advice, "\n")}, request, header);
}

// The token of a header `Authorization: Bearer TOKEN`.
std::string BearerOf(const std::string& text) {
  for (const absl::string_view line : absl::StrSplit(text, "\r\n")) {
    const std::pair<absl::string_view, absl::string_view> header = absl::StrSplit(line, absl::MaxSplits(':', 1));
    if (!absl::EqualsIgnoreCase(header.first, "authorization")) continue;
    absl::string_view value = absl::StripAsciiWhitespace(header.second);
    if (value.size() > 7 && absl::EqualsIgnoreCase(value.substr(0, 7), "bearer ")) return std::string(value.substr(7));
  }
  return "";
}

// nullopt: not an HTTP request.
std::optional<Request> Parse(const std::string& text) {
  const size_t method_end = text.find(' ');
  const size_t path_end = text.find_first_of(" ?\r", method_end == std::string::npos ? 0 : method_end + 1);
  if (method_end == std::string::npos || path_end == std::string::npos) return std::nullopt;
  return Request{text.substr(0, method_end), text.substr(method_end + 1, path_end - method_end - 1), BearerOf(text)};
}

// What SSL_read and SSL_write say, as recv and send say it: -1 with EAGAIN and the event to wait for, or an end.
ssize_t Transferred(SSL* tls, int result, short& waits_for) {
  if (result > 0) return result;
  const int error = SSL_get_error(tls, result);
  ERR_clear_error();
  if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return 0;
  waits_for = error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
  errno = EAGAIN;
  return -1;
}

}  // namespace

HttpPages::HttpPages(ListenSockets sockets, Pages pages, Limits limits, Security security)
    : sockets_(std::move(sockets)),
      pages_(std::move(pages)),
      limits_(limits),
      security_(std::move(security)),
      end_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { Run(); }) {}

HttpPages::~HttpPages() {
  eventfd_write(end_, 1);
  thread_.join();
  for (Connection& one : connections_) Close(one);
  close(end_);
}

void HttpPages::Run() {
  pthread_setname_np(pthread_self(), "operations");
  // OpenSSL writes without MSG_NOSIGNAL.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  const size_t listening = sockets_.fds().size();
  while (true) {
    std::vector<pollfd> watched = {{end_, POLLIN, 0}};
    for (const int fd : sockets_.fds()) watched.push_back({fd, POLLIN, 0});
    for (const Connection& one : connections_) {
      const short plain = one.answer.empty() ? POLLIN : POLLOUT;
      watched.push_back({one.fd, one.waits_for != 0 ? one.waits_for : plain, 0});
    }
    poll(watched.data(), watched.size(), connections_.empty() ? -1 : 1000);
    if (watched[0].revents != 0) return;
    const auto now = Clock::now();
    size_t at = 1 + listening;
    for (auto one = connections_.begin(); one != connections_.end(); ++at) {
      const bool ready = watched[at].revents != 0;
      const bool goes_on = ready ? (one->answer.empty() ? Read(*one) : Write(*one)) : now < one->until;
      if (!goes_on) Close(*one);
      one = goes_on ? std::next(one) : connections_.erase(one);
    }
    bool used_up = false;
    for (size_t i = 1; i <= listening; ++i) {
      if (watched[i].revents != 0) used_up = !TakeAll(watched[i].fd) || used_up;
    }
    // Waiting connections keep the sockets readable: without a pause this would spin.
    if (used_up && poll(watched.data(), 1, kUsedUpPauseMs) > 0) return;
  }
}

bool HttpPages::TakeAll(int listening) {
  for (size_t i = 0; i < limits_.connections; ++i) {
    int fd = -1;
    const Taken taken = TakeConnection(listening, fd);
    if (taken != Taken::kOne) return taken == Taken::kNone;
    if (connections_.size() >= limits_.connections) MakeRoom();
    Connection connection{.fd = fd, .until = Clock::now() + limits_.request_time, .tls = {nullptr, &SSL_free}};
    if (security_.tls != nullptr) {
      connection.tls.reset(SSL_new(security_.tls().get()));
      if (connection.tls == nullptr || SSL_set_fd(connection.tls.get(), fd) != 1) {
        close(fd);
        continue;
      }
      SSL_set_accept_state(connection.tls.get());
    }
    connections_.push_back(std::move(connection));
  }
  return true;
}

void HttpPages::MakeRoom() {
  auto oldest =
      std::find_if(connections_.begin(), connections_.end(), [](const Connection& one) { return one.answer.empty(); });
  if (oldest == connections_.end()) oldest = connections_.begin();
  Close(*oldest);
  connections_.erase(oldest);
}

void HttpPages::Close(Connection& connection) const {
  if (connection.tls != nullptr && connection.sent > 0) SSL_shutdown(connection.tls.get());
  ERR_clear_error();
  close(connection.fd);
}

bool HttpPages::Read(Connection& connection) {
  char buffer[2048];
  SSL* const tls = connection.tls.get();
  do {
    connection.waits_for = 0;
    const ssize_t n = tls == nullptr ? recv(connection.fd, buffer, sizeof buffer, 0)
                                     : Transferred(tls, SSL_read(tls, buffer, sizeof buffer), connection.waits_for);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    if (n == 0) return false;
    connection.request.append(buffer, static_cast<size_t>(n));
    if (connection.request.find("\r\n\r\n") != std::string::npos) {
      connection.answer = Answer(connection.request);
    } else if (connection.request.size() > limits_.request_bytes) {
      connection.answer = Refuse("431 Request Header Fields Too Large");
    }
    // What OpenSSL has read already makes the socket readable no more.
  } while (connection.answer.empty() && tls != nullptr && SSL_pending(tls) > 0);
  if (connection.answer.empty()) return true;
  connection.until = Clock::now() + limits_.answer_time;
  return Write(connection);
}

bool HttpPages::Write(Connection& connection) const {
  const std::string& answer = connection.answer;
  SSL* const tls = connection.tls.get();
  connection.waits_for = 0;
  while (connection.sent < answer.size()) {
    const char* const rest = answer.data() + connection.sent;
    const size_t size = answer.size() - connection.sent;
    const ssize_t n = tls == nullptr
                          ? send(connection.fd, rest, size, MSG_NOSIGNAL)
                          : Transferred(tls, SSL_write(tls, rest, static_cast<int>(size)), connection.waits_for);
    if (tls != nullptr && n == 0) return false;
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    connection.sent += static_cast<size_t>(n);
  }
  return false;
}

std::string HttpPages::Answer(const std::string& text) const {
  const std::optional<Request> request = Parse(text);
  if (!request) return Refuse("400 Bad Request");
  if (request->method != "GET" && request->method != "HEAD") {
    return Refuse("405 Method Not Allowed", *request, ": only GET and HEAD are", "Allow: GET, HEAD\r\n");
  }
  const auto found = pages_.find(request->path);
  if (found == pages_.end()) {
    const std::string paths =
        absl::StrJoin(pages_, " ", [](std::string* out, const auto& page) { *out += page.first; });
    return Refuse("404 Not Found", *request, absl::StrCat(": the pages are ", paths));
  }
  if (security_.may_see != nullptr && !security_.may_see(request->path, request->bearer)) {
    return Refuse("401 Unauthorized", *request, ": send the header Authorization: Bearer TOKEN",
                  "WWW-Authenticate: Bearer\r\n");
  }
  try {
    const HttpPage page = found->second();
    return Respond(page.status == 200 ? "200 OK" : "503 Service Unavailable", page, *request);
  } catch (const std::exception&) {
    return Refuse("500 Internal Server Error", *request);
  }
}

}  // namespace throughline::server

#include "libs/server/transport/http_pages.h"

#include <algorithm>
#include <cerrno>
#include <exception>
#include <optional>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace throughline::server {
namespace {

using Clock = std::chrono::steady_clock;

struct Request {
  std::string method;
  std::string path;
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

// nullopt: not an HTTP request.
std::optional<Request> Parse(const std::string& text) {
  const size_t method_end = text.find(' ');
  const size_t path_end = text.find_first_of(" ?\r", method_end == std::string::npos ? 0 : method_end + 1);
  if (method_end == std::string::npos || path_end == std::string::npos) return std::nullopt;
  return Request{text.substr(0, method_end), text.substr(method_end + 1, path_end - method_end - 1)};
}

}  // namespace

HttpPages::HttpPages(ListenSockets sockets, Pages pages, Limits limits)
    : sockets_(std::move(sockets)),
      pages_(std::move(pages)),
      limits_(limits),
      end_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { Run(); }) {}

HttpPages::~HttpPages() {
  eventfd_write(end_, 1);
  thread_.join();
  for (const Connection& one : connections_) close(one.fd);
  close(end_);
}

void HttpPages::Run() {
  pthread_setname_np(pthread_self(), "operations");
  const size_t listening = sockets_.fds().size();
  while (true) {
    std::vector<pollfd> watched = {{end_, POLLIN, 0}};
    for (const int fd : sockets_.fds()) watched.push_back({fd, POLLIN, 0});
    for (const Connection& one : connections_) {
      watched.push_back({one.fd, static_cast<short>(one.answer.empty() ? POLLIN : POLLOUT), 0});
    }
    poll(watched.data(), watched.size(), connections_.empty() ? -1 : 1000);
    if (watched[0].revents != 0) return;
    const auto now = Clock::now();
    size_t at = 1 + listening;
    for (auto one = connections_.begin(); one != connections_.end(); ++at) {
      const bool ready = watched[at].revents != 0;
      const bool goes_on = ready ? (one->answer.empty() ? Read(*one) : Write(*one)) : now < one->until;
      if (!goes_on) close(one->fd);
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
    connections_.push_back({.fd = fd, .until = Clock::now() + limits_.request_time});
  }
  return true;
}

void HttpPages::MakeRoom() {
  auto oldest =
      std::find_if(connections_.begin(), connections_.end(), [](const Connection& one) { return one.answer.empty(); });
  if (oldest == connections_.end()) oldest = connections_.begin();
  close(oldest->fd);
  connections_.erase(oldest);
}

bool HttpPages::Read(Connection& connection) {
  char buffer[2048];
  const ssize_t n = recv(connection.fd, buffer, sizeof buffer, 0);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  if (n == 0) return false;
  connection.request.append(buffer, static_cast<size_t>(n));
  if (connection.request.find("\r\n\r\n") != std::string::npos) {
    connection.answer = Answer(connection.request);
  } else if (connection.request.size() > limits_.request_bytes) {
    connection.answer = Refuse("431 Request Header Fields Too Large");
  } else {
    return true;
  }
  connection.until = Clock::now() + limits_.answer_time;
  return Write(connection);
}

bool HttpPages::Write(Connection& connection) const {
  const std::string& answer = connection.answer;
  while (connection.sent < answer.size()) {
    const ssize_t n =
        send(connection.fd, answer.data() + connection.sent, answer.size() - connection.sent, MSG_NOSIGNAL);
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
  try {
    const HttpPage page = found->second();
    return Respond(page.status == 200 ? "200 OK" : "503 Service Unavailable", page, *request);
  } catch (const std::exception&) {
    return Refuse("500 Internal Server Error", *request);
  }
}

}  // namespace throughline::server

#include "libs/server/transport/http_pages.h"

#include <algorithm>
#include <cerrno>
#include <exception>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include "absl/strings/str_cat.h"

namespace throughline::server {
namespace {

using Clock = std::chrono::steady_clock;

std::string Respond(absl::string_view status, absl::string_view type, absl::string_view body) {
  return absl::StrCat("HTTP/1.1 ", status, "\r\nContent-Type: ", type, "\r\nContent-Length: ", body.size(),
                      "\r\nConnection: close\r\n\r\n", body);
}
std::string Refuse(absl::string_view status) { return Respond(status, "text/plain", absl::StrCat(status, "\n")); }

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
  pthread_setname_np(pthread_self(), "metrics");
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
    if (connections_.size() < limits_.connections || MakeRoom()) {
      connections_.push_back({.fd = fd, .until = Clock::now() + limits_.request_time});
    } else {
      close(fd);
    }
  }
  return true;
}

bool HttpPages::MakeRoom() {
  const auto oldest =
      std::find_if(connections_.begin(), connections_.end(), [](const Connection& one) { return one.answer.empty(); });
  if (oldest == connections_.end()) return false;
  close(oldest->fd);
  connections_.erase(oldest);
  return true;
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

std::string HttpPages::Answer(const std::string& request) const {
  const size_t method_end = request.find(' ');
  const size_t path_end = request.find_first_of(" ?\r", method_end == std::string::npos ? 0 : method_end + 1);
  if (method_end == std::string::npos || path_end == std::string::npos) return Refuse("400 Bad Request");
  if (request.compare(0, method_end, "GET") != 0) return Refuse("405 Method Not Allowed");
  const auto page = pages_.find(request.substr(method_end + 1, path_end - method_end - 1));
  if (page == pages_.end()) return Refuse("404 Not Found");
  try {
    return Respond("200 OK", "text/plain; version=0.0.4; charset=utf-8", page->second());
  } catch (const std::exception&) {
    return Refuse("500 Internal Server Error");
  }
}

}  // namespace throughline::server

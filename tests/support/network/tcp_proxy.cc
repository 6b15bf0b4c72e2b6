#include "tests/support/network/tcp_proxy.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cstdio>
#include <cstdlib>
#include <netinet/tcp.h>
#include <poll.h>
#include <string>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "tests/support/network/loopback.h"

namespace throughline::testing {
namespace {

constexpr size_t kHeldBytes = 256 << 10;  // per direction; above that the sender waits

int Connect(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(port);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  close(fd);
  return -1;
}

void SendAtOnce(int fd) {
  const int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

// Reads what is there without blocking. False at the end of the stream.
bool ReadSome(int fd, std::string& held) {
  char buffer[64 << 10];
  const ssize_t n = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  held.append(buffer, static_cast<size_t>(n));
  return n > 0;
}

// Writes what fits without blocking. False if the reader is gone.
bool WriteSome(int fd, std::string& held) {
  if (held.empty()) return true;
  const ssize_t n = send(fd, held.data(), held.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  held.erase(0, static_cast<size_t>(n));
  return true;
}

}  // namespace

// An accepted connection and the one that it leads to. When either ends, both end, and held bytes are lost.
struct TcpProxy::Link {
  Link(int client, int server) : client(client), server(server) {}
  Link(Link&& other) noexcept { *this = std::move(other); }
  Link& operator=(Link&& other) noexcept {
    std::swap(client, other.client);
    std::swap(server, other.server);
    requests.swap(other.requests);
    answers.swap(other.answers);
    std::swap(holed, other.holed);
    return *this;
  }
  ~Link() {
    if (client >= 0) close(client);
    if (server >= 0) close(server);
  }

  int client = -1;
  int server = -1;
  std::string requests;  // read and not yet written
  std::string answers;
  bool holed = false;  // answers were dropped
};

TcpProxy::TcpProxy()
    : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  if (wake_ < 0 || bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 128) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    perror("TcpProxy cannot listen");
    abort();
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Loop(); });
}

TcpProxy::~TcpProxy() {
  Tell([](Wish& wish) { wish.over = true; });
  thread_.join();
  close(listener_);
  close(wake_);
}

template <typename Change>
void TcpProxy::Tell(Change change) {
  absl::MutexLock lock(&mutex_);
  change(wish_);
  const int64_t number = ++wish_.number;
  const uint64_t one = 1;
  if (write(wake_, &one, sizeof one) < 0) abort();
  const auto done = [this, number]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return done_ >= number; };
  mutex_.Await(absl::Condition(&done));
}

void TcpProxy::ForwardTo(int port) {
  Tell([port](Wish& wish) { wish.target = port; });
}

void TcpProxy::Be(Mode mode) {
  Tell([mode](Wish& wish) { wish.mode = mode; });
}

void TcpProxy::CutAll() {
  Tell([](Wish& wish) { ++wish.cuts; });
}

TcpProxy::Traffic TcpProxy::traffic() const {
  absl::MutexLock lock(&mutex_);
  return traffic_;
}

bool TcpProxy::AwaitDropped(int64_t bytes, absl::Duration patience) const {
  absl::MutexLock lock(&mutex_);
  const auto dropped = [this, bytes]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return traffic_.dropped_answers >= bytes; };
  return mutex_.AwaitWithTimeout(absl::Condition(&dropped), patience);
}

void TcpProxy::Loop() {
  std::vector<Link> links;
  std::vector<pollfd> ends;
  Wish now;
  while (true) {
    Wish wish;
    {
      absl::MutexLock lock(&mutex_);
      wish = wish_;
    }
    if (wish.cuts != now.cuts || wish.mode == Mode::kRefuse || wish.over) links.clear();
    if (wish.mode != Mode::kDropAnswers) {
      links.erase(std::remove_if(links.begin(), links.end(), [](const Link& link) { return link.holed; }), links.end());
    }
    now = wish;
    {
      absl::MutexLock lock(&mutex_);
      done_ = now.number;
    }
    if (now.over) return;

    // While stalled, do not poll the sockets: a closed one would wake the thread again and again.
    ends = {{wake_, POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const Link& link : links) {
      const bool moves = now.mode != Mode::kStall;
      const auto events = [](bool reads, bool writes) {
        return static_cast<short>((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
      };
      ends.push_back({moves ? link.client : -1, events(link.requests.size() < kHeldBytes, !link.answers.empty()), 0});
      ends.push_back({moves ? link.server : -1, events(link.answers.size() < kHeldBytes, !link.requests.empty()), 0});
    }
    if (poll(ends.data(), ends.size(), -1) < 0) continue;

    if (ends[0].revents != 0) {
      // The mode has changed: later bytes must follow it.
      uint64_t count;
      if (read(wake_, &count, sizeof count) > 0) continue;
    }
    size_t kept = 0;
    for (size_t i = 0; i < links.size(); ++i) {
      const bool stirs = ends[2 + 2 * i].revents != 0 || ends[3 + 2 * i].revents != 0;
      if (stirs && (!MoveRequests(links[i]) || !MoveAnswers(links[i], now.mode == Mode::kDropAnswers))) continue;
      if (kept != i) links[kept] = std::move(links[i]);
      ++kept;
    }
    links.erase(links.begin() + static_cast<std::ptrdiff_t>(kept), links.end());
    if (ends[1].revents != 0) Accept(now, links);
  }
}

void TcpProxy::Accept(const Wish& wish, std::vector<Link>& links) {
  const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  {
    absl::MutexLock lock(&mutex_);
    ++traffic_.connections;
  }
  const int server = wish.mode == Mode::kRefuse || wish.target == 0 ? -1 : Connect(wish.target);
  if (server < 0) {
    close(client);
    return;
  }
  SendAtOnce(client);
  SendAtOnce(server);
  links.emplace_back(client, server);
}

bool TcpProxy::MoveRequests(Link& link) {
  const bool open = link.requests.size() >= kHeldBytes || ReadSome(link.client, link.requests);
  const size_t before = link.requests.size();
  absl::MutexLock lock(&mutex_);  // all bytes that the other side has seen are counted
  const bool read = WriteSome(link.server, link.requests);
  traffic_.forwarded_requests += static_cast<int64_t>(before - link.requests.size());
  return open && read;
}

bool TcpProxy::MoveAnswers(Link& link, bool drop) {
  if (drop) {
    std::string dropped;
    const bool open = ReadSome(link.server, dropped);
    link.holed = link.holed || !dropped.empty();
    absl::MutexLock lock(&mutex_);
    traffic_.dropped_answers += static_cast<int64_t>(dropped.size());
    return open && WriteSome(link.client, link.answers);
  }
  const bool open = link.answers.size() >= kHeldBytes || ReadSome(link.server, link.answers);
  const size_t before = link.answers.size();
  absl::MutexLock lock(&mutex_);
  const bool read = WriteSome(link.client, link.answers);
  traffic_.forwarded_answers += static_cast<int64_t>(before - link.answers.size());
  return open && read;
}

}  // namespace throughline::testing

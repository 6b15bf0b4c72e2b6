#include "libs/server/transport/acceptor.h"

#include <algorithm>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace throughline::server {
namespace {

constexpr int kCountMs = 1000;  // between checks of which connections are still open

// 0: not an open socket.
ino_t InodeOf(int fd) {
  struct stat status {};
  return fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode) ? status.st_ino : 0;
}

}  // namespace

Acceptor::Acceptor(ListenSockets sockets, Options options, ConnectionProbe& probe)
    : sockets_(std::move(sockets)),
      options_(std::move(options)),
      probe_(probe),
      end_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { Run(); }) {}

Acceptor::~Acceptor() {
  eventfd_write(end_, 1);
  thread_.join();
  close(end_);
}

void Acceptor::Run() {
  pthread_setname_np(pthread_self(), "accept");
  std::vector<pollfd> watched = {{end_, POLLIN, 0}};
  for (const int fd : sockets_.fds()) watched.push_back({fd, POLLIN, 0});
  while (true) {
    poll(watched.data(), watched.size(), open_.empty() ? -1 : kCountMs);
    if (watched[0].revents != 0) return;
    Forget();
    bool used_up = false;
    for (size_t i = 1; i < watched.size(); ++i) {
      if (watched[i].revents != 0) used_up = !TakeAll(watched[i].fd) || used_up;
    }
    probe_.Open(static_cast<int>(open_.size()));
    // Waiting connections keep the sockets readable: without a pause this would spin.
    if (used_up && poll(watched.data(), 1, kUsedUpPauseMs) > 0) return;
  }
}

bool Acceptor::TakeAll(int listening) {
  // A burst at a time; the rest is accepted after the next count.
  for (int i = 0; i < 64; ++i) {
    int fd = -1;
    switch (TakeConnection(listening, fd)) {
      case Taken::kNone:
        return true;
      case Taken::kUsedUp:
        return false;
      case Taken::kOne:
        break;
    }
    if (open_.size() >= static_cast<size_t>(options_.max_connections)) {
      close(fd);
      probe_.Refused();
      continue;
    }
    open_.push_back({fd, InodeOf(fd)});
    options_.take(fd);
  }
  return true;
}

void Acceptor::Forget() {
  open_.erase(std::remove_if(open_.begin(), open_.end(), [](const Open& one) { return InodeOf(one.fd) != one.inode; }),
              open_.end());
}

}  // namespace throughline::server

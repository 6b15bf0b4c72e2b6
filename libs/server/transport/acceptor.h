#pragma once

// Accepts the connections of a port, up to a limit, and hands them to gRPC. gRPC 1.51 has no limit of connections, and
// its own listener stops accepting for good when descriptors run out.
//
//   Acceptor acceptor(*std::move(sockets), {.max_connections = 4096, .take = [](int fd) { ... }}, probe);
//
// Above the limit, a connection is closed at once, so that its client can go elsewhere. If descriptors run out all the
// same, connections wait. Has a thread ("accept").

#include <functional>
#include <sys/types.h>
#include <thread>
#include <vector>

#include "libs/server/operations/metrics.h"
#include "libs/server/transport/listen.h"

namespace throughline::server {

class Acceptor {
 public:
  struct Options {
    int max_connections;
    std::function<void(int fd)> take;  // takes ownership; called on the acceptor's thread
  };

  // `probe` must outlive it.
  Acceptor(ListenSockets sockets, Options options, ConnectionProbe& probe);
  // Stops accepting; open connections continue.
  ~Acceptor();

 private:
  // A descriptor that was handed over. Its inode distinguishes it from a later one with the same number.
  struct Open {
    int fd;
    ino_t inode;
  };

  void Run();
  // False: descriptors have run out.
  bool TakeAll(int listening);
  void Forget();

  const ListenSockets sockets_;
  const Options options_;
  ConnectionProbe& probe_;
  std::vector<Open> open_;
  int end_;  // an eventfd
  std::thread thread_;
};

}  // namespace throughline::server

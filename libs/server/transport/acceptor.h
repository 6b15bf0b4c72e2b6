#pragma once

// Takes the connections of a port, no more at a time than it may, and hands them to whoever serves them. gRPC 1.51 has
// no limit of connections, and a listener of its own gives up for good once descriptors are used up.
//
//   Acceptor acceptor(*std::move(sockets), {.max_connections = 4096, .take = [](int fd) { ... }}, probe);
//
// Above the limit a connection is closed at once, so its client knows and can go elsewhere. Where descriptors are used
// up in spite of it, connections wait until there are some. One thread of its own ("accept").

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
    std::function<void(int fd)> take;  // which belongs to it from now on; called on the acceptor's thread
  };

  // `probe` must outlive it.
  Acceptor(ListenSockets sockets, Options options, ConnectionProbe& probe);
  // Nothing is taken any more; connections that were go on.
  ~Acceptor();

 private:
  // A descriptor that was handed over. Its inode tells it from a later one of the same number.
  struct Open {
    int fd;
    ino_t inode;
  };

  void Run();
  // False: descriptors are used up.
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

#pragma once

// What the connections of a server share, and the threads they run on. Internal to this folder.

#include <atomic>
#include <memory>
#include <thread>
#include <unordered_set>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "services/edge/http/asio.h"
#include "services/edge/http/probe.h"
#include "services/edge/http/server.h"
#include "services/edge/http/tls.h"

namespace throughline::edge::http {

class Connection;

// A thread with its connections. A connection stays on its thread.
class Worker {
 public:
  // False: the thread has ended, and `task` was dropped. Any thread.
  template <typename Task>
  bool Post(Task task) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    if (closed_) return false;
    asio::post(io, std::move(task));
    return true;
  }
  // Once the thread has ended: drops what was posted too late.
  void Close() ABSL_LOCKS_EXCLUDED(mutex_) {
    {
      absl::MutexLock lock(&mutex_);
      closed_ = true;
    }
    io.restart();
    io.poll();
  }

  asio::io_context io{1};
  std::thread thread;
  std::unordered_set<Connection*> connections;  // on its thread

 private:
  absl::Mutex mutex_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

struct Core {
  Core(const Limits& l, std::shared_ptr<prometheus::Registry> r, Handler h, tracing::Tracer* t,
       std::unique_ptr<TlsContext> files)
      : limits(l), registry(std::move(r)), probe(*registry), handler(std::move(h)), tracer(t), tls(std::move(files)) {}

  const Limits limits;
  const std::shared_ptr<prometheus::Registry> registry;
  ServerProbe probe;
  const Handler handler;
  tracing::Tracer* const tracer;          // null: no spans
  const std::unique_ptr<TlsContext> tls;  // null: none

  // False: there are too many connections.
  bool Admit() ABSL_LOCKS_EXCLUDED(mutex) {
    absl::MutexLock lock(&mutex);
    if (connections >= limits.connections) return false;
    ++connections;
    return true;
  }
  void Leave() ABSL_LOCKS_EXCLUDED(mutex) {
    absl::MutexLock lock(&mutex);
    --connections;
  }

  absl::Mutex mutex;
  int connections ABSL_GUARDED_BY(mutex) = 0;
  std::atomic<int> refusals{0};  // connections that are only told that there are too many
  std::atomic<int> requests{0};
  std::atomic<size_t> bodies_bytes{0};
  std::atomic<bool> draining{false};
};

inline Clock::time_point In(absl::Duration time) { return Clock::now() + absl::ToChronoNanoseconds(time); }

}  // namespace throughline::edge::http

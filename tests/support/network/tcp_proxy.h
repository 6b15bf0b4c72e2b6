#pragma once

// A TCP proxy between a client and a server on this machine, which fails on demand.
//
//   TcpProxy proxy;                                  // has its port at once, so that a broker can advertise it
//   proxy.ForwardTo(kafka.proxied_ports()[0]);
//   proxy.Be(TcpProxy::Mode::kDropAnswers);          // requests arrive, answers do not
//   ...
//   proxy.Be(TcpProxy::Mode::kForward);
//
// Any thread. One thread of its own moves the bytes.

#include <cstdint>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace throughline::testing {

class TcpProxy {
 public:
  enum class Mode {
    kForward,
    kStall,        // connections are accepted and kept, no byte moves; held bytes arrive later
    kDropAnswers,  // requests reach the server; its responses are dropped
    kRefuse,       // connections, also new ones, are closed
  };

  // Listens on a free loopback port; ends the process if it cannot.
  TcpProxy();
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  int port() const { return port_; }

  // The target of connections accepted from now on. Without a target they are closed.
  void ForwardTo(int port) ABSL_LOCKS_EXCLUDED(mutex_);

  // In effect when it returns. Leaving kDropAnswers closes the connections that lost bytes: TCP cannot have gaps.
  void Be(Mode mode) ABSL_LOCKS_EXCLUDED(mutex_);

  // Closes every connection, with the bytes it holds; new ones are accepted. In effect when it returns.
  void CutAll() ABSL_LOCKS_EXCLUDED(mutex_);

  // Bytes since the start.
  struct Traffic {
    int connections = 0;  // accepted
    int64_t forwarded_requests = 0;
    int64_t forwarded_answers = 0;
    int64_t dropped_answers = 0;
  };
  Traffic traffic() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Waits until that many response bytes were dropped; false: a timeout.
  bool AwaitDropped(int64_t bytes, absl::Duration patience) const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Link;

  // Instructions to the proxy's thread.
  struct Wish {
    Mode mode = Mode::kForward;
    int target = 0;
    int64_t cuts = 0;
    int64_t number = 0;  // counts changes
    bool over = false;
  };

  // Changes the instructions and waits until the thread has applied them.
  template <typename Change>
  void Tell(Change change) ABSL_LOCKS_EXCLUDED(mutex_);
  void Loop() ABSL_LOCKS_EXCLUDED(mutex_);
  void Accept(const Wish& wish, std::vector<Link>& links) ABSL_LOCKS_EXCLUDED(mutex_);
  // False when the link has ended.
  bool MoveRequests(Link& link) ABSL_LOCKS_EXCLUDED(mutex_);
  bool MoveAnswers(Link& link, bool drop) ABSL_LOCKS_EXCLUDED(mutex_);

  int listener_ = -1;
  int wake_ = -1;
  int port_ = 0;
  mutable absl::Mutex mutex_;
  Wish wish_ ABSL_GUARDED_BY(mutex_);
  int64_t done_ ABSL_GUARDED_BY(mutex_) = 0;  // number of the last applied change
  Traffic traffic_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace throughline::testing

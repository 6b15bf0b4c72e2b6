#pragma once

// A network between a client and a server of this machine that fails on demand.
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
    kStall,        // connections stay and are accepted, no byte moves; what was sent arrives later
    kDropAnswers,  // requests reach the server, what it answers is thrown away
    kRefuse,       // connections are closed, and so are new ones
  };

  // Listens on a free port of the loopback address; stops the process if it cannot.
  TcpProxy();
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  int port() const { return port_; }

  // Where connections accepted from now on lead to. Before the first call they are closed.
  void ForwardTo(int port) ABSL_LOCKS_EXCLUDED(mutex_);

  // Has taken effect when it returns. Leaving kDropAnswers cuts the connections that lost bytes: TCP has no holes.
  void Be(Mode mode) ABSL_LOCKS_EXCLUDED(mutex_);

  // Closes every connection, whatever it still holds; new ones are accepted. Has taken effect when it returns.
  void CutAll() ABSL_LOCKS_EXCLUDED(mutex_);

  // Bytes since the start.
  struct Traffic {
    int connections = 0;  // accepted
    int64_t forwarded_requests = 0;
    int64_t forwarded_answers = 0;
    int64_t dropped_answers = 0;
  };
  Traffic traffic() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Whether so many bytes of answers were dropped before the time was over.
  bool AwaitDropped(int64_t bytes, absl::Duration patience) const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Link;

  // What the thread is told.
  struct Wish {
    Mode mode = Mode::kForward;
    int target = 0;
    int64_t cuts = 0;
    int64_t number = 0;  // of changes
    bool over = false;
  };

  // Changes the wish and waits until the thread has acted on it.
  template <typename Change>
  void Tell(Change change) ABSL_LOCKS_EXCLUDED(mutex_);
  void Loop() ABSL_LOCKS_EXCLUDED(mutex_);
  void Accept(const Wish& wish, std::vector<Link>& links) ABSL_LOCKS_EXCLUDED(mutex_);
  // False when the link is over.
  bool MoveRequests(Link& link) ABSL_LOCKS_EXCLUDED(mutex_);
  bool MoveAnswers(Link& link, bool drop) ABSL_LOCKS_EXCLUDED(mutex_);

  int listener_ = -1;
  int wake_ = -1;
  int port_ = 0;
  mutable absl::Mutex mutex_;
  Wish wish_ ABSL_GUARDED_BY(mutex_);
  int64_t done_ ABSL_GUARDED_BY(mutex_) = 0;  // number of the last wish that has taken effect
  Traffic traffic_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace throughline::testing

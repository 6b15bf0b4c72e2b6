#pragma once

// Tells pages that something has changed, by server-sent events (HTML, 9.2): each event has the state as its id, so
// that a page that comes back, here or at another replica, learns of what it missed. A page that is slow gets the last
// state only.
//
//   live->Begin(std::move(exchange), state);   // GET of /notices/events?state=... or with Last-Event-ID
//   live->Tell(state);                         // to all
//   live->KeepAlive();                         // now and then: proxies close what is silent
//
// Any thread.

#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "prometheus/gauge.h"

#include "services/edge/http/exchange.h"

namespace throughline::edge::notices {

class Live : public std::enable_shared_from_this<Live> {
 public:
  // At most so many pages at a time. `open`: counts them; must outlive it.
  Live(int most, prometheus::Gauge& open) : most_(most), open_(open) {}

  // 503 with Retry-After, if there are too many. A page that knows another state is told at once.
  void Begin(std::shared_ptr<http::Exchange> exchange, const std::string& state) ABSL_LOCKS_EXCLUDED(mutex_);
  void Tell(const std::string& state) ABSL_LOCKS_EXCLUDED(mutex_);
  void KeepAlive() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Reader {
    std::shared_ptr<http::Exchange> exchange;
    bool sending = true;  // its head, or an event
    std::string told;     // the state that it knows
  };

  void Sent(int64_t number) ABSL_LOCKS_EXCLUDED(mutex_);
  void Ended(int64_t number, http::Exchange::Ended how) ABSL_LOCKS_EXCLUDED(mutex_);
  void Send(int64_t number, Reader& reader, std::string part) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Tells the reader, unless it knows, or something is on its way to it.
  void Tell(int64_t number, Reader& reader) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const int most_;
  prometheus::Gauge& open_;
  absl::Mutex mutex_;
  std::string state_ ABSL_GUARDED_BY(mutex_);
  int64_t last_number_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<int64_t, Reader> readers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace throughline::edge::notices

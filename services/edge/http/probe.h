#pragma once

// The metrics of an HTTP server. Made once per registry.
//
// Any thread.

#include <map>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace throughline::edge::http {

class ServerProbe {
 public:
  // `registry` must outlive the probe.
  explicit ServerProbe(prometheus::Registry& registry);

  void Connected() { connections_.Increment(); }
  void Disconnected() { connections_.Decrement(); }
  void RequestBegan() { in_flight_.Increment(); }
  // `route`: one of a few static strings.
  void RequestEnded(const char* route, int status, absl::Duration took) ABSL_LOCKS_EXCLUDED(mutex_);
  // What was not handed to a handler, or a connection. `reason`: one of a few static strings.
  void Refused(const char* reason);
  void Received(size_t bytes) { received_.Increment(static_cast<double>(bytes)); }
  void Sent(size_t bytes) { sent_.Increment(static_cast<double>(bytes)); }

 private:
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Family<prometheus::Histogram>& durations_;
  prometheus::Family<prometheus::Counter>& refused_;
  prometheus::Gauge& connections_;
  prometheus::Gauge& in_flight_;
  prometheus::Counter& received_;
  prometheus::Counter& sent_;
  absl::Mutex mutex_;
  // Made on first use.
  std::map<std::pair<const char*, int>, prometheus::Counter*> by_code_ ABSL_GUARDED_BY(mutex_);
  std::map<const char*, prometheus::Histogram*> by_route_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace throughline::edge::http

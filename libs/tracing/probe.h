#pragma once

// The metrics of tracing. Their names stand here and nowhere else. Any thread.

#include "prometheus/counter.h"
#include "prometheus/registry.h"

namespace throughline::tracing {

class Probe {
 public:
  // `registry` must outlive the probe.
  explicit Probe(prometheus::Registry& registry);

  void Exported(size_t spans) { exported_.Increment(static_cast<double>(spans)); }
  void QueueFull(size_t spans) { queue_full_.Increment(static_cast<double>(spans)); }
  void NotTaken(size_t spans) { not_taken_.Increment(static_cast<double>(spans)); }

 private:
  prometheus::Counter& exported_;
  prometheus::Family<prometheus::Counter>& dropped_;
  prometheus::Counter& queue_full_;
  prometheus::Counter& not_taken_;
};

}  // namespace throughline::tracing

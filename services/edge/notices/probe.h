#pragma once

// The metrics of the public notices. Any thread.

#include "absl/time/time.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"

namespace throughline::edge::notices {

class NoticesProbe {
 public:
  // `registry` must outlive it.
  explicit NoticesProbe(prometheus::Registry& registry);

  // `code`: of gRPC.
  void Asked(int code);
  void SetAge(absl::Duration age) { age_.Set(absl::ToDoubleSeconds(age)); }
  prometheus::Gauge& live() { return live_; }

 private:
  prometheus::Family<prometheus::Counter>& asked_;
  prometheus::Gauge& age_;
  prometheus::Gauge& live_;
};

}  // namespace throughline::edge::notices

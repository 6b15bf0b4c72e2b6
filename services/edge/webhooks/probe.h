#pragma once

// The metrics of webhooks. Made once per registry. Any thread.

#include <string>

#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/registry.h"

namespace throughline::edge {

class WebhookProbe {
 public:
  // `registry` must outlive the probe.
  explicit WebhookProbe(prometheus::Registry& registry);

  // `carrier`: of an endpoint, so there are few. `outcome`: one of a few static strings.
  void Answered(const std::string& carrier, const char* outcome) {
    pushes_.Add({{"carrier", carrier}, {"outcome", outcome}}).Increment();
  }

 private:
  prometheus::Family<prometheus::Counter>& pushes_;
};

}  // namespace throughline::edge

#pragma once

// Where spans go. A port: otlp.h sends them to a collector, tests keep them.

#include <vector>

#include "absl/status/status.h"

#include "libs/tracing/span.h"

namespace throughline::tracing {

class Exporter {
 public:
  virtual ~Exporter() = default;
  // Blocks, for at most a few seconds. UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED: the same spans may be sent
  // again. One thread.
  virtual absl::Status Export(const std::vector<Span>& spans) = 0;
};

}  // namespace throughline::tracing

#pragma once

// Traces of a process: what its settings (settings/tracing_settings.h) lead to.

#include <memory>
#include <string>

#include "absl/status/statusor.h"

#include "libs/tracing/tracer.h"

namespace throughline::process {

struct TracingOptions {
  std::string endpoint;  // host:port of a collector, OTLP over gRPC; empty: no spans, and no cost
  std::string ca_file;   // PEM; empty: no encryption
  int one_in = 1;        // one of so many traces that begin here is recorded
};

// Null: there is no endpoint. FAILED_PRECONDITION, with what to do: the CA's file cannot be read. `registry` must
// outlive the tracer.
absl::StatusOr<std::unique_ptr<tracing::Tracer>> NewTracer(const TracingOptions& options, const std::string& replica,
                                                           prometheus::Registry& registry);

}  // namespace throughline::process

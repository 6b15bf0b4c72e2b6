#pragma once

// A span: one piece of work within a trace, as OpenTelemetry defines it. A plain value.

#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

#include "libs/tracing/trace_context.h"

namespace throughline::tracing {

struct Span {
  enum class Kind { kInternal, kServer, kClient, kProducer, kConsumer };

  std::string service;  // "intake", "edge"
  std::string name;     // of few values: a method, `commit case`
  Kind kind = Kind::kInternal;
  TraceContext context;
  std::string parent_id;  // empty: it is the root
  std::string tracestate;
  absl::Time began, ended;
  std::string failure;  // a code or a reason, never a text; empty: it went well
  // Ids and numbers only: nothing that a customer said, and not who they are.
  std::vector<std::pair<std::string, std::string>> attributes;
};

}  // namespace throughline::tracing

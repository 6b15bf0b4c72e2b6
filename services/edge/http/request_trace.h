#pragma once

// One request in the log and in traces. Internal to this folder. One thread.

#include <optional>
#include <string>

#include "absl/time/time.h"

#include "libs/tracing/tracer.h"
#include "services/edge/http/message.h"

namespace throughline::edge::http {

class RequestTrace {
 public:
  // Begins the request's span, and sets its context as the request's `traceparent`. `tracer` may be null: then the
  // client's own context stays.
  RequestTrace(Request& request, tracing::Tracer* tracer);

  // `route`: of the metrics. A path that no route knows may hold anything, so it is not told.
  void End(const char* route, int status, absl::Duration took);

 private:
  tracing::Tracer* const tracer_;
  const std::string method_, path_;
  std::string correlation_id_, tracestate_, parent_id_;
  std::optional<tracing::TraceContext> context_;
  const absl::Time began_;
};

}  // namespace throughline::edge::http

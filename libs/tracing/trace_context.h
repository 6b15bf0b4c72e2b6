#pragma once

// The context of a trace as it passes from one program to the next: W3C Trace Context
// (https://www.w3.org/TR/trace-context/), `traceparent: 00-<trace id>-<span id>-<flags>` and `tracestate`.
//
// Pure; any thread.

#include <optional>
#include <string>
#include <string_view>

namespace throughline::tracing {

struct TraceContext {
  std::string trace_id;  // 32 hex digits in lower case, not all zero
  std::string span_id;   // 16 hex digits in lower case, not all zero
  bool sampled = false;  // whether its spans are recorded

  // Absent: it is not a traceparent of a version that can be read. A newer version than 00 is read as far as it is
  // known.
  static std::optional<TraceContext> Parse(std::string_view traceparent);
  std::string ToHeader() const;

  // The context of a span below this one.
  TraceContext Child(std::string span_id) const { return {trace_id, std::move(span_id), sampled}; }
};

// A root with ids that nobody else has.
TraceContext NewTrace(bool sampled);
std::string NewSpanId();
// The same for the same text: for a span that several replicas may begin, such as a reaction's.
std::string SpanIdOf(std::string_view text);

// A tracestate that may be passed on; empty if it has characters that no header may have, or more than 512 of them.
std::string PassableState(std::string_view tracestate);

}  // namespace throughline::tracing

#include "services/edge/http/request_trace.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "libs/logging/line.h"

namespace throughline::edge::http {
namespace {

constexpr int kClientGone = 499, kServerFault = 500;

}  // namespace

RequestTrace::RequestTrace(Request& request, tracing::Tracer* tracer)
    : tracer_(tracer), method_(request.method), path_(request.path), began_(absl::Now()) {
  // Two of them are none (W3C Trace Context, 4.3).
  const std::string* given = request.headers.Count("traceparent") == 1 ? request.headers.Find("traceparent") : nullptr;
  const auto parent = given == nullptr ? std::nullopt : tracing::TraceContext::Parse(*given);
  if (parent) parent_id_ = parent->span_id;
  if (const std::string* state = request.headers.Find("tracestate"); state != nullptr && parent) {
    tracestate_ = tracing::PassableState(*state);
  }
  if (const std::string* id = request.headers.Find("x-correlation-id"); id != nullptr) correlation_id_ = *id;
  context_ = tracer_ == nullptr ? parent : tracer_->Begin(parent);
  if (context_) request.headers.Set("traceparent", context_->ToHeader());
}

void RequestTrace::End(const char* route, int status, absl::Duration took) {
  const std::string_view known = route;
  const bool told = known != "none" && known != "other";
  const std::string name = told ? path_ : absl::StrCat("route ", route);
  if (logging::Logs(logging::LogLevel::kInfo)) {
    logging::Log(logging::LogLevel::kInfo,
                 {.service = "edge",
                  .trace = context_ ? std::string_view(context_->trace_id) : std::string_view(correlation_id_),
                  .correlation = context_ ? std::string_view(correlation_id_) : std::string_view()},
                 absl::StrCat(method_, " ", name, " ", status, " in ",
                              absl::FormatDuration(absl::Trunc(took, absl::Microseconds(1)))));
  }
  if (tracer_ == nullptr || !context_ || !context_->sampled) return;
  tracer_->End({.service = "edge",
                .name = absl::StrCat(method_, " ", name),
                .kind = tracing::Span::Kind::kServer,
                .context = *context_,
                .parent_id = parent_id_,
                .tracestate = tracestate_,
                .began = began_,
                .ended = began_ + took,
                .failure = status >= kServerFault ? std::to_string(status) : "",
                .attributes = {{"http.request.method", method_},
                               {"http.response.status_code", std::to_string(status)},
                               {"http.route", told ? path_ : std::string(route)},
                               {"throughline.client_gone", status == kClientGone ? "true" : "false"}}});
}

}  // namespace throughline::edge::http

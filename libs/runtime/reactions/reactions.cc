#include "libs/runtime/domain/ids.h"
#include "libs/runtime/reactions/reactor.h"
#include "libs/tracing/trace_context.h"

namespace throughline::runtime {

Reactions::Reactions(const StreamTypes& types, std::string actor, std::string cause,
                     const throughline::log::v1::Commit& commit, bool spans, absl::Time now)
    : types_(types), spans_(spans) {
  caller_.id = std::move(actor);
  caller_.roles = {common::v1::ROLE_SERVICE};
  caller_.time = now;
  caller_.causation_id = std::move(cause);
  caller_.correlation_id = commit.correlation_id();
  caller_.traceparent = commit.traceparent();
  caller_.tracestate = commit.tracestate();
}

Caller Reactions::CallerFor(std::string_view purpose) const {
  Caller caller = caller_;
  caller.command_id = caller_.causation_id;
  caller.command_id = DerivedId(caller, purpose);
  const auto cause = spans_ ? tracing::TraceContext::Parse(caller.traceparent) : std::nullopt;
  // Another replica that carries out the same reaction reports the same span.
  if (cause) caller.traceparent = cause->Child(tracing::SpanIdOf(caller.command_id)).ToHeader();
  return caller;
}

}  // namespace throughline::runtime

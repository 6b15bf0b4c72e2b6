#include "libs/runtime/commands/decisions.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "libs/logging/line.h"
#include "libs/runtime/domain/refusal.h"

namespace throughline::runtime {
namespace {

using logging::LogLevel;

std::string ShortName(const std::string& type) { return type.substr(type.rfind('.') + 1); }

// "accepted as 3: CaseOpened, OwnerNamed"; the reason of a refusal, never its text.
std::string Describe(const Command& command, const absl::StatusOr<CommandResult>& outcome) {
  if (!outcome.ok()) {
    const std::string reason = ReasonOf(outcome.status()).value_or("");
    return absl::StrCat(IsRefusal(outcome.status()) ? "refused " : "not decided ",
                        absl::StatusCodeToString(outcome.status().code()), reason.empty() ? "" : "/", reason);
  }
  if (outcome->repeated) return absl::StrCat("repeated: was accepted as ", outcome->version);
  if (outcome->events.empty()) return absl::StrCat("nothing to do at ", outcome->version);
  std::string text = absl::StrCat("accepted as ", outcome->version, ":");
  for (const MessagePtr& event : outcome->events) absl::StrAppend(&text, " ", ShortName(command.type->NameOf(*event)));
  return text;
}

}  // namespace

void Decisions::Decided(const Command& command, const absl::StatusOr<CommandResult>& outcome) const {
  if (!logging::Logs(LogLevel::kInfo)) return;
  const auto context = tracing::TraceContext::Parse(command.caller.traceparent);
  lines_.Run([service = service_, trace = context ? context->trace_id : command.caller.correlation_id,
              correlation = context ? command.caller.correlation_id : std::string(), stream = command.stream.ToString(),
              id = command.caller.command_id,
              text = absl::StrCat(Describe(command, outcome), " for ", command.caller.causation_id)] {
    logging::Log(LogLevel::kInfo,
                 {.service = service,
                  .trace = trace,
                  .correlation = correlation == trace ? "" : correlation,
                  .stream = stream,
                  .command = id},
                 text);
  });
}

std::optional<OpenSpan> Decisions::BeginCommit(const Command& command) const {
  if (tracer_ == nullptr) return std::nullopt;
  const auto caller = tracing::TraceContext::Parse(command.caller.traceparent);
  if (!caller) return std::nullopt;
  return OpenSpan{tracer_->Begin(caller), caller->span_id, absl::Now()};
}

void Decisions::EndCommit(const OpenSpan& span, const throughline::log::v1::Commit& commit, std::string failure) const {
  if (!span.context.sampled) return;
  std::string events;
  for (const auto& event : commit.events())
    absl::StrAppend(&events, events.empty() ? "" : " ", ShortName(event.type()));
  tracer_->End({.service = service_,
                .name = absl::StrCat("commit ", commit.stream().substr(0, commit.stream().find('/'))),
                .kind = tracing::Span::Kind::kProducer,
                .context = span.context,
                .parent_id = span.parent_id,
                .tracestate = commit.tracestate(),
                .began = span.began,
                .ended = absl::Now(),
                .failure = std::move(failure),
                .attributes = {{"throughline.stream", commit.stream()},
                               {"throughline.version", std::to_string(commit.version())},
                               {"throughline.command_id", commit.command_id()},
                               {"throughline.events", events}}});
}

std::function<void(bool)> Decisions::BeginReaction(const Command& command, const char* what,
                                                   const std::string& cause) const {
  if (tracer_ == nullptr) return nullptr;
  const auto own = tracing::TraceContext::Parse(command.caller.traceparent);
  const auto parent = tracing::TraceContext::Parse(cause);
  if (!own || !own->sampled || !parent) return nullptr;
  tracing::Span span{.service = service_,
                     .name = absl::StrCat(what, " on ", command.stream.kind),
                     .kind = tracing::Span::Kind::kConsumer,
                     .context = *own,
                     .parent_id = parent->span_id,
                     .tracestate = command.caller.tracestate,
                     .began = absl::Now(),
                     .attributes = {{"throughline.cause", command.caller.causation_id},
                                    {"throughline.stream", command.stream.ToString()},
                                    {"throughline.command_id", command.caller.command_id}}};
  return [tracer = tracer_, span = std::move(span)](bool accepted) mutable {
    span.ended = absl::Now();
    if (!accepted) span.failure = "REFUSED";
    tracer->End(std::move(span));
  };
}

}  // namespace throughline::runtime

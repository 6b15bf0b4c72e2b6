#pragma once

// What operations see of each decision: a line in the process's log, and the spans of commits and reactions in traces.
//
// A line says on which stream, at which version and with which types of events a command was decided, or why it was
// refused; nothing of what it says. Lines are written on the executor's thread: the engine's hands over and goes on.
//
// The engine's thread.

#include <functional>
#include <optional>
#include <string>

#include "libs/runtime/commands/command.h"
#include "libs/runtime/reads/executor.h"
#include "libs/tracing/tracer.h"

namespace throughline::runtime {

// A span that has begun.
struct OpenSpan {
  tracing::TraceContext context;
  std::string parent_id;
  absl::Time began;
};

class Decisions {
 public:
  // All must outlive it. `tracer` may be null: no spans.
  Decisions(std::string service, Executor& lines, tracing::Tracer* tracer)
      : service_(std::move(service)), lines_(lines), tracer_(tracer) {}

  bool traces() const { return tracer_ != nullptr; }

  void Decided(const Command& command, const absl::StatusOr<CommandResult>& outcome) const;

  // The span of a commit of this command, which becomes the parent of the reactions. nullopt: the command belongs to no
  // trace that is recorded.
  std::optional<OpenSpan> BeginCommit(const Command& command) const;
  // `failure`: "VOID", the reason of an append that failed; empty: it was accepted.
  void EndCommit(const OpenSpan& span, const throughline::log::v1::Commit& commit, std::string failure) const;

  // What ends the span of a command that answers a commit or a timer: `what` it is, and the context of the `cause`.
  // Null: there is no span. Begins now.
  std::function<void(bool accepted)> BeginReaction(const Command& command, const char* what,
                                                   const std::string& cause) const;

 private:
  const std::string service_;
  Executor& lines_;
  tracing::Tracer* const tracer_;
};

}  // namespace throughline::runtime

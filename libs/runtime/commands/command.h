#pragma once

// A command: a request to change one stream, with the stream's types erased, so that one command processor serves all
// streams. MakeCommand makes it from a typed request:
//
//   CommandPtr command = MakeCommand<Case>(types, {"case", id}, request, caller);
//
// `S::Decide(state, request, caller)` must exist for it.

#include <functional>
#include <vector>

#include "absl/status/statusor.h"

#include "libs/log/event_log.h"
#include "libs/runtime/domain/caller.h"
#include "libs/runtime/domain/stream_id.h"
#include "libs/runtime/fold/commit.h"
#include "libs/runtime/fold/stream_type.h"

namespace throughline::runtime {

// The outcome of a command that was not refused.
struct CommandResult {
  uint64_t version = 0;      // of the stream: after the command's commit, or the present one if there was nothing to do
  log::Position position{};  // a reader that has folded up to here sees the effect
  MessagePtr state;          // at that version; for a repeated command the present one
  bool repeated = false;     // the command id had been accepted before; this is its outcome
  std::vector<MessagePtr> events = {};  // that the command's commit added; none if there was nothing to do, or repeated
};

// Whether this status refuses the command for good. Any other failure leaves its outcome open, or may go away when the
// command is tried again (after DATA_LOSS: once the store is rebuilt).
inline bool IsRefusal(const absl::Status& status) {
  return !status.ok() && !absl::IsUnavailable(status) && !absl::IsDeadlineExceeded(status) &&
         !absl::IsAborted(status) && !absl::IsResourceExhausted(status) && !absl::IsDataLoss(status);
}

using Decided = absl::StatusOr<std::vector<MessagePtr>>;

struct Command {
  const StreamType* type = nullptr;
  StreamId stream;
  Caller caller;
  std::string digest;  // of the request, to notice a command id used again for another; empty: not compared
  absl::Time deadline = absl::InfiniteFuture();
  std::function<Decided(const google::protobuf::Message& state)> decide;  // may be called several times
  std::function<void(absl::StatusOr<CommandResult>)> done;                // called once
};
using CommandPtr = std::shared_ptr<Command>;

// The commit of `events`, which follows the accepted commit number `version` with digest `follows`.
throughline::log::v1::Commit MakeCommit(const Command& command, uint64_t version, const std::string& follows,
                                        const std::vector<MessagePtr>& events);

// A command without `decide`. This service must own streams of this kind.
CommandPtr NewCommand(const StreamTypes& types, const char* kind, const google::protobuf::Message& request,
                      StreamId stream, Caller caller);

template <typename Event>
Decided Erased(absl::StatusOr<std::vector<Event>> events) {
  if (!events.ok()) return events.status();
  std::vector<MessagePtr> erased;
  erased.reserve(events->size());
  for (Event& event : *events) erased.push_back(std::make_shared<Event>(std::move(event)));
  return erased;
}

// `C` is a request message, or a struct with a member `request` (the message) and facts from read models beside it.
template <typename S, typename C>
CommandPtr MakeCommand(const StreamTypes& types, StreamId stream, C command, Caller caller) {
  const google::protobuf::Message* request;
  if constexpr (std::is_base_of_v<google::protobuf::Message, C>) {
    request = &command;
  } else {
    request = &command.request;
  }
  const CommandPtr made = NewCommand(types, S::kKind, *request, std::move(stream), caller);
  made->decide = [command = std::move(command), caller = std::move(caller)](const google::protobuf::Message& state) {
    return Erased<typename S::Event>(S::Decide(static_cast<const typename S::State&>(state), command, caller));
  };
  return made;
}

}  // namespace throughline::runtime

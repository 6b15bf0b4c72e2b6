#pragma once

// From a typed command to the engine's. `C` is a request message, or a struct with a member `request` (the message) and
// facts from read models beside it; `S::Decide(state, command, caller)` must exist for it.

#include "libs/runtime/commands/command.h"

namespace throughline::runtime {

// All but how it decides. Streams of this kind must be this service's.
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

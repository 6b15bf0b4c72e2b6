#pragma once

// From a typed command to the engine's. `C` is a request message, or a struct with a member `request` (the message) and
// facts from read models beside it; `S::Decide(state, command, caller)` must exist for it.

#include "libs/runtime/command.h"
#include "libs/runtime/digest.h"
#include "libs/store/fatal.h"

namespace throughline::runtime {

// What tells one request from another: requests of different types can have the same bytes.
inline std::string RequestDigest(const google::protobuf::Message& request) {
  std::string bytes = request.GetDescriptor()->full_name();
  bytes.push_back('\0');
  request.AppendToString(&bytes);
  return Sha256(bytes).substr(0, 16);
}

template <typename S, typename C>
CommandPtr MakeCommand(const StreamTypes& types, StreamId stream, C command, Caller caller) {
  auto made = std::make_shared<Command>();
  made->type = types.Find(S::kKind);
  if (made->type == nullptr || !made->type->own()) {
    store::Fatal(std::string("a command for a ") + S::kKind + ", which this service does not own");
  }
  if constexpr (std::is_base_of_v<google::protobuf::Message, C>) {
    made->digest = RequestDigest(command);
  } else {
    made->digest = RequestDigest(command.request);
  }
  made->stream = std::move(stream);
  made->caller = caller;
  made->decide = [command = std::move(command),
                  caller = std::move(caller)](const google::protobuf::Message& state) -> Decided {
    auto events = S::Decide(static_cast<const typename S::State&>(state), command, caller);
    if (!events.ok()) return events.status();
    std::vector<MessagePtr> erased;
    erased.reserve(events->size());
    for (auto& event : *events) erased.push_back(std::make_shared<typename S::Event>(std::move(event)));
    return erased;
  };
  return made;
}

}  // namespace throughline::runtime

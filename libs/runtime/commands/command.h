#pragma once

// A command on its way through the engine, with its stream's types erased.

#include <functional>
#include <vector>

#include "absl/status/statusor.h"

#include "libs/log/event_log.h"
#include "libs/runtime/domain/caller.h"
#include "libs/runtime/domain/stream_id.h"
#include "libs/runtime/fold/stream_type.h"

namespace throughline::runtime {

// What became of a command that was not refused.
struct CommandResult {
  uint64_t version = 0;      // of the stream: after the command's commit, or as it is if there was nothing to do
  log::Position position{};  // a reader that has folded up to here sees the effect
  MessagePtr state;          // at that version; for a repeated command the present one
  bool repeated = false;     // the command id had been accepted before; this is its outcome
  std::vector<MessagePtr> events = {};  // that the command's commit added; none if there was nothing to do, or repeated
};

// Whether this is the answer to the command: what it asks for is refused. Otherwise its outcome is open, or it may do
// better when it is tried again; after DATA_LOSS, once the store is rebuilt.
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

  // The engine's.
  bool leads = false;    // of those with the same id that are under way, the one that is decided
  size_t followers = 0;  // how many of these had come when it was last asked where the log ends
  int attempts = 0;
  bool doubtful = false;  // it was refused, or there was nothing to do, because of a commit in flight
};
using CommandPtr = std::shared_ptr<Command>;

}  // namespace throughline::runtime

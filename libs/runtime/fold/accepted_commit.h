#pragma once

// A commit that the fold has accepted, as projections and reactors see it.

#include "absl/time/time.h"

#include "libs/log/event_log.h"
#include "libs/runtime/domain/stream_id.h"
#include "libs/runtime/fold/stream_type.h"
#include "throughline/log/v1/commit.pb.h"

namespace throughline::runtime {

struct AcceptedCommit {
  log::Position position;
  StreamId stream;
  uint64_t version = 0;
  absl::Time time;
  std::shared_ptr<const throughline::log::v1::Commit> header;  // actor, correlation, command id
  std::vector<MessagePtr> events;
  MessagePtr state;  // after this commit; null for a stream of another service

  // The i-th event; `Event` is the stream's event message.
  template <typename Event>
  const Event& EventAt(size_t i) const {
    return static_cast<const Event&>(*events[i]);
  }
  // The state after this commit, of a stream `S` of this service.
  template <typename S>
  const typename S::State& StateOf() const {
    return static_cast<const typename S::State&>(*state);
  }
  // `stream@version`: the causation id of commands that react to this commit.
  std::string Cause() const { return stream.ToString() + "@" + std::to_string(version); }
};

}  // namespace throughline::runtime

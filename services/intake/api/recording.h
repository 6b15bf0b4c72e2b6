#pragma once

// Records an interaction where it belongs: on the case of the request, or on the one that goes on in its place; and
// opens the case that continues it, if it had been closed for longer than configured. Any thread.

#include <functional>
#include <memory>

#include "libs/runtime/streams.h"
#include "services/intake/projections/openings.h"

namespace throughline::intake {

struct Recorded {
  uint64_t version = 0;
  std::string token;
  std::string case_id;  // where it was recorded
  std::string interaction_id;
  bool repeated_contact = false;
  std::string continued_by_case_id;  // empty: the case itself goes on
  std::string owner;                 // of the case that goes on
};

// What the handlers share. Immutable.
struct Rules {
  explicit Rules(const Config& settings) : config(settings), openings(settings) {}
  const Config config;
  const Openings openings;
};

// `done` is called once. Errors as RecordInteraction's.
void Record(runtime::Streams& streams, std::shared_ptr<const Rules> rules, v1::RecordInteractionRequest request,
            runtime::Caller caller, absl::Time deadline, std::function<void(absl::StatusOr<Recorded>)> done);

// The service itself, which does something on behalf of a call: whoever does it gives the same command.
runtime::Caller OnBehalfOf(const runtime::Caller& caller, std::string command_id);

}  // namespace throughline::intake

#pragma once

// The rules of availability: people set their own; a supervisor sets anybody's.
//
// Pure functions; any thread.

#include <vector>

#include "absl/status/statusor.h"

#include "libs/runtime/domain/caller.h"
#include "throughline/ownership/v1/availability.pb.h"
#include "throughline/ownership/v1/commands.pb.h"
#include "throughline/ownership/v1/state.pb.h"

namespace throughline::ownership {

// The stream `availability/<person>`.
struct Availability {
  static constexpr char kKind[] = "availability";
  using State = v1::AvailabilityState;
  using Event = v1::AvailabilityEvent;
  using Decision = absl::StatusOr<std::vector<Event>>;

  // PERMISSION_DENIED: NOT_YOURSELF if the caller sets another person and is no supervisor, NOT_A_SUPERVISOR if they
  // set themselves as a supervisor and are none. INVALID_ARGUMENT for a rep on duty. No events if nothing changes.
  static Decision Decide(const State& state, const v1::SetAvailabilityRequest& command, const runtime::Caller& caller);

  static void Evolve(State& state, const Event& event);
};

}  // namespace throughline::ownership

#pragma once

// The rules of a person's availability: everybody speaks for themselves, a supervisor for anybody.
//
// Pure functions of their arguments; safe from any thread.

#include <vector>

#include "absl/status/statusor.h"

#include "libs/runtime/domain/caller.h"
#include "throughline/ownership/v1/availability.pb.h"
#include "throughline/ownership/v1/commands.pb.h"

namespace throughline::ownership {

// The stream `availability/<person>`.
struct Availability {
  static constexpr char kKind[] = "availability";
  using State = v1::AvailabilityState;
  using Event = v1::AvailabilityEvent;
  using Decision = absl::StatusOr<std::vector<Event>>;

  // PERMISSION_DENIED NOT_YOURSELF for another person, unless by a supervisor; NOT_A_SUPERVISOR for a rep who sets
  // themselves as one. INVALID_ARGUMENT: on duty as a rep. Nothing if it is set already.
  static Decision Decide(const State& state, const v1::SetAvailabilityRequest& command, const runtime::Caller& caller);

  static void Evolve(State& state, const Event& event);
};

}  // namespace throughline::ownership

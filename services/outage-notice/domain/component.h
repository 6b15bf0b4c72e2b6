#pragma once

// The rules of a component, the stream `component/<id>`: something that customers use and that can fail. It can be
// defined again; the last definition holds.
//
// Pure functions; any thread.

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/runtime/domain/caller.h"
#include "throughline/outage/v1/commands.pb.h"
#include "throughline/outage/v1/component.pb.h"
#include "throughline/outage/v1/state.pb.h"

namespace throughline::outage {

// 1 to 64 of `a-z 0-9 . _ -`.
bool IsComponentId(std::string_view id);
inline constexpr char kNotAComponentId[] = "is not an id: use 1 to 64 of the characters a-z 0-9 . _ -";

struct DefineComponent {
  v1::DefineComponentRequest request;
  absl::Status owner;  // whether request.owner may own: PERSON_UNKNOWN, PERSON_DEACTIVATED
  std::vector<std::string> unknown_components = {};  // on which it depends, but which are not defined
  std::string circle = {};  // one on which it would depend and that depends on it already; empty: there is none
};

// Commands of reactors.
struct SuspectOutage {
  v1::OutageSuspected request;  // without an id
  absl::Duration quiet;         // for how long after one was dismissed nothing is suspected
};
struct ConfirmSuspicion {
  v1::SuspicionConfirmed request;  // only `notice_id`
};
struct RelieveSuspicion {
  v1::SuspicionReassigned request;  // `from` and `to`
};

struct Component {
  static constexpr char kKind[] = "component";
  using State = v1::ComponentState;
  using Event = v1::ComponentEvent;
  using Decision = absl::StatusOr<std::vector<Event>>;

  // INVALID_ARGUMENT without a proper id or a name. FAILED_PRECONDITION PERSON_UNKNOWN, PERSON_DEACTIVATED,
  // COMPONENT_UNKNOWN, CIRCULAR_DEPENDENCY. No events if the definition is the same.
  static Decision Decide(const State& state, const DefineComponent& command, const runtime::Caller& caller);

  // No events if something is suspected already, or was dismissed a short while ago, or the component is not defined.
  static Decision Decide(const State& state, const SuspectOutage& command, const runtime::Caller& caller);
  // No events if nothing is suspected.
  static Decision Decide(const State& state, const ConfirmSuspicion& command, const runtime::Caller& caller);
  // No events if `from` is not to look.
  static Decision Decide(const State& state, const RelieveSuspicion& command, const runtime::Caller& caller);
  // Refusals: see the RPC.
  static Decision Decide(const State& state, const v1::DismissSuspicionRequest& request, const runtime::Caller& caller);

  static void Evolve(State& state, const Event& event);
};

}  // namespace throughline::outage

#pragma once

// The rules of an improvement: what goes wrong again and again is answered by a team with a change, whose effect is
// measured for a time. It ends only when the rate has fallen, which no person decides; else another change is owed. It
// opens anew when the kind recurs after that.
//
// Pure functions; any thread.

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "libs/runtime/domain/caller.h"
#include "services/intake/domain/suggestion.h"
#include "throughline/intake/v1/improvement.pb.h"
#include "throughline/intake/v1/state.pb.h"

namespace throughline::intake {

inline constexpr int kMostEvidence = 20;

struct RaiseImprovement {
  v1::RaiseImprovementRequest request;
  Department department;
  v1::RecurrencePolicy policy;
  uint32_t count = 0;  // of its kind within the policy's window
};
struct RecordImprovementChange {
  v1::RecordImprovementChangeRequest request;
  CallersPlace place;
};
struct RouteImprovement {
  v1::RouteImprovementRequest request;
  Department department;
  CallersPlace place;
};

// Given by timers and reactors. Each does nothing if it no longer applies.
struct MeasureImprovement {
  v1::ImprovementClosed request;  // count: of its kind within the policy's closing window, now
};
struct MissImprovement {
  v1::ImprovementAnswerMissed request;  // due
};
struct RelieveImprovement {
  v1::ImprovementRouted request;  // from, to, to_team, reason
};

// The stream `improvement/<kind>`.
struct Improvement {
  static constexpr char kKind[] = "improvement";
  using State = v1::ImprovementState;
  using Event = v1::ImprovementEvent;
  using Decision = absl::StatusOr<std::vector<Event>>;

  // Refusals: see the RPC of the same name. By a service while it is open: nothing.
  static Decision Decide(const State& state, const RaiseImprovement& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const RecordImprovementChange& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const RouteImprovement& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const MeasureImprovement& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const MissImprovement& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const RelieveImprovement& command, const runtime::Caller& caller);

  static void Evolve(State& state, const Event& event);
};

// NOT_FOUND IMPROVEMENT_UNKNOWN.
absl::Status ImprovementUnknown(const std::string& kind);

// The kind of cases about a component.
std::string ComponentKind(const std::string& component_id);

// The kind of what went wrong with several orders in the same way (OrderConcern.fault).
std::string FaultKind(const std::string& fault);

// Whether the service counts what is of this kind itself: cases about a component, and faults. Of other kinds, what
// people name as evidence is counted.
bool IsCounted(const std::string& kind);

// Fewer than so many in the closing window mean that the rate has fallen below the policy's share of that with which it
// was opened; at least 1.
uint32_t ClosingLimit(const v1::RecurrencePolicy& policy, uint32_t count_at_opening);

}  // namespace throughline::intake

#pragma once

// The rules of a person: their credential or their first call makes them known and gives their role, people say
// themselves when they can take cases, supervisors say the rest. Nobody is above themselves, and there is always
// somebody who can take over what a person owes.
//
// Pure functions; any thread.

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/runtime/domain/caller.h"
#include "services/ownership/domain/remedies/barred.h"
#include "throughline/ownership/v1/commands.pb.h"
#include "throughline/ownership/v1/person.pb.h"
#include "throughline/ownership/v1/state.pb.h"
#include "throughline/ownership/v1/views.pb.h"

namespace throughline::ownership {

// A rep or supervisor called for the first time, or with another role than before.
struct MeetPerson {
  // Kind and team as their credential says; whether they can take cases as it was known before they had a stream.
  v1::PersonIntroduced request;
};

// What other persons' streams say about the supervisor that the request names.
struct ChangePerson {
  v1::ChangePersonRequest request;
  bool above_is_supervisor = false;  // known, active, and a supervisor
  bool above_is_below = false;       // the person stands above them, directly or through others
};

struct DeactivatePerson {
  v1::DeactivatePersonRequest request;
  bool somebody_above = false;   // there is somebody who takes over what the person owes
  bool credential_gone = false;  // the person cannot work any more: whoever takes over may come later
};

// A period of the person's working hours begins. Given by a timer.
struct BeginWork {
  v1::WorkingHoursBegan request = {};
};

// An item of the caller's worklist, as it was found there.
struct WorkItem {
  bool found = false;
  v1::WorklistReason reason = v1::WORKLIST_REASON_UNSPECIFIED;
  std::optional<absl::Time> due;
};

struct AcknowledgeWorkItem {
  v1::AcknowledgeWorkItemRequest request;
  WorkItem item;
};

struct SnoozeWorkItem {
  v1::SnoozeWorkItemRequest request;
  WorkItem item;
};

// The stream `person/<id>`.
struct Person {
  static constexpr char kKind[] = "person";
  static constexpr int kMaxAbsences = 100;
  using State = v1::PersonState;
  using Event = v1::PersonEvent;
  using Decision = absl::StatusOr<std::vector<Event>>;

  // No events if the person is known in this role.
  static Decision Decide(const State&, const MeetPerson&, const runtime::Caller&);
  template <typename Request>
  static Decision Decide(const State&, const Barred<Request>& command, const runtime::Caller&) {
    return command.why;
  }
  // Refusals: see the RPC of the same name. All add no events if nothing changes.
  static Decision Decide(const State&, const v1::SetAvailabilityRequest&, const runtime::Caller&);
  static Decision Decide(const State&, const ChangePerson&, const runtime::Caller&);
  static Decision Decide(const State&, const v1::PlanAbsenceRequest&, const runtime::Caller&);
  static Decision Decide(const State&, const v1::EndAbsenceRequest&, const runtime::Caller&);
  static Decision Decide(const State&, const DeactivatePerson&, const runtime::Caller&);
  static Decision Decide(const State&, const v1::ReactivatePersonRequest&, const runtime::Caller&);
  // No events if they take no cases.
  static Decision Decide(const State&, const BeginWork&, const runtime::Caller&);
  // In work_item.cc.
  static Decision Decide(const State&, const AcknowledgeWorkItem&, const runtime::Caller&);
  static Decision Decide(const State&, const SnoozeWorkItem&, const runtime::Caller&);

  static void Evolve(State& state, const Event& event);
};

}  // namespace throughline::ownership

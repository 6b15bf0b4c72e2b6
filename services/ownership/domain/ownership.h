#pragma once

// The rules of ownership. A case has one owner at every moment. A hand-over is an offer until it is accepted. A promise
// is kept in time, renegotiated in time, or broken. Solved is what the customer confirmed.
//
// The case's opening (intake) names the first owner, so this stream starts with the first command on it: every command
// carries the facts of the opening, and the decision puts OwnershipStarted first if the stream has not started.
//
// Pure functions; any thread.

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/runtime/domain/caller.h"
#include "throughline/ownership/v1/commands.pb.h"
#include "throughline/ownership/v1/ownership.pb.h"
#include "throughline/ownership/v1/state.pb.h"

namespace throughline::ownership {

// A request about a case with the facts of its opening. An `opening` without case_id means that there is no such case.
template <typename Request>
struct OnCase {
  Request request;
  v1::OwnershipStarted opening;
};

struct OfferHandoff {
  v1::OfferHandoffRequest request;
  v1::OwnershipStarted opening;
  absl::Status person;            // whether request.to may own: PERSON_UNKNOWN, PERSON_DEACTIVATED
  bool absent = false;            // whether they are away now
  absl::Duration default_expiry;  // of an offer without an expiry of its own
};

struct ReassignCase {
  v1::ReassignCaseRequest request;
  v1::OwnershipStarted opening;
  absl::Status person;  // whether request.to may own: PERSON_UNKNOWN, PERSON_DEACTIVATED
  bool absent = false;  // whether they are away now
};

struct ReopenCase {
  v1::ReopenCaseRequest request;
  v1::OwnershipStarted opening;
  std::string gone;   // the owner, if they were deactivated meanwhile; else empty
  std::string above;  // who owns it then
};

struct AcceptHandoff {
  v1::AcceptHandoffRequest request;
  v1::OwnershipStarted opening;
  absl::Status person;  // whether the caller may own: PERSON_UNKNOWN, PERSON_DEACTIVATED
};

// Commands without an RPC: timers give the first two, reactors the others. Each does nothing if it no longer applies.
struct BreakPromise {
  v1::PromiseBroken request;  // promise_id, supervisor
};
struct ExpireHandoff {
  v1::HandoffExpired request;  // handoff_id
};
struct RequestConfirmation {
  v1::ConfirmationRequested request;
  v1::OwnershipStarted opening;
};
// request.from was deactivated: a case that they own moves to request.to, and an offer to them is withdrawn.
struct RelievePerson {
  v1::CaseReassigned request;  // from, to, reason
  v1::OwnershipStarted opening;
};

// A rep is free for a case that nobody took: it moves from request.from, who looks after it, to request.to.
struct AssignToFreeRep {
  v1::CaseReassigned request;  // from, to
  v1::OwnershipStarted opening;
};

// The stream `ownership/<case_id>`.
struct Ownership {
  static constexpr char kKind[] = "ownership";
  static constexpr int kMaxPromises = 100;
  static constexpr absl::Duration kMaxHandoffExpiry = absl::Hours(7 * 24);
  using State = v1::OwnershipState;
  using Event = v1::OwnershipEvent;
  using Decision = absl::StatusOr<std::vector<Event>>;

  // Refusals: see the RPC of the same name.
  static Decision Decide(const State&, const OfferHandoff&, const runtime::Caller&);
  static Decision Decide(const State&, const AcceptHandoff&, const runtime::Caller&);
  static Decision Decide(const State&, const OnCase<v1::DeclineHandoffRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const OnCase<v1::WithdrawHandoffRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const ExpireHandoff&, const runtime::Caller&);
  static Decision Decide(const State&, const ReassignCase&, const runtime::Caller&);
  static Decision Decide(const State&, const RelievePerson&, const runtime::Caller&);
  static Decision Decide(const State&, const AssignToFreeRep&, const runtime::Caller&);

  // After its due time a promise can be neither kept nor renegotiated, even before the timer has broken it.
  static Decision Decide(const State&, const OnCase<v1::MakePromiseRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const OnCase<v1::KeepPromiseRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const OnCase<v1::RenegotiatePromiseRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const BreakPromise&, const runtime::Caller&);

  static Decision Decide(const State&, const OnCase<v1::AddWorkNoteRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const OnCase<v1::ProposeResolutionRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const OnCase<v1::ConfirmResolutionRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const OnCase<v1::RejectResolutionRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const OnCase<v1::CloseCaseRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const ReopenCase&, const runtime::Caller&);
  static Decision Decide(const State&, const RequestConfirmation&, const runtime::Caller&);

  static void Evolve(State& state, const Event& event);
};

// Whether somebody takes the case with this event, if nobody has: its owner changes, or a person works on it.
bool TakesCase(const v1::OwnershipEvent& event);

inline bool IsClosed(v1::CaseStatus status) {
  return status == v1::CASE_STATUS_CLOSED_CONFIRMED || status == v1::CASE_STATUS_CLOSED_UNCONFIRMED;
}

}  // namespace throughline::ownership

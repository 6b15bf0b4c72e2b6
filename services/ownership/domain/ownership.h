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
  bool person_known = false;      // whether request.to has ever set their availability
  absl::Duration default_expiry;  // of an offer without an expiry of its own
};

struct AcceptHandoff {
  v1::AcceptHandoffRequest request;
  v1::OwnershipStarted opening;
  std::optional<std::string> supervisor;  // of the caller, if anybody is on duty
};

// Commands without an RPC: timers give the first two, the reactor to resolved notices the third. Each does nothing if
// it no longer applies.
struct BreakPromise {
  v1::PromiseBroken request;  // promise_id
};
struct ExpireHandoff {
  v1::HandoffExpired request;  // handoff_id
};
struct RequestConfirmation {
  v1::ConfirmationRequested request;
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
  static Decision Decide(const State&, const ExpireHandoff&, const runtime::Caller&);

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
  static Decision Decide(const State&, const OnCase<v1::ReopenCaseRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const RequestConfirmation&, const runtime::Caller&);

  static void Evolve(State& state, const Event& event);
};

inline bool IsClosed(v1::CaseStatus status) {
  return status == v1::CASE_STATUS_CLOSED_CONFIRMED || status == v1::CASE_STATUS_CLOSED_UNCONFIRMED;
}

}  // namespace throughline::ownership

#pragma once

// The rules of ownership: one person answers for a case at every moment; a hand-over is an offer until it is accepted;
// a promise is kept in time, renegotiated in time, or broken; solved is what the customer confirmed.
//
// The first owner is named by the case's opening (intake), so this stream begins with the first command on it: whoever
// gives a command brings the opening's facts, and the decision begins the stream with them if it has not begun.
//
// Pure functions of their arguments; safe from any thread.

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/runtime/domain/caller.h"
#include "throughline/ownership/v1/commands.pb.h"
#include "throughline/ownership/v1/ownership.pb.h"

namespace throughline::ownership {

// A request about a case, and the facts of the case's opening. An `opening` without case_id: there is no such case.
template <typename Request>
struct OnCase {
  Request request;
  v1::OwnershipStarted opening;
};

struct OfferHandoff {
  v1::OfferHandoffRequest request;
  v1::OwnershipStarted opening;
  bool person_known = false;      // whether request.to has ever set their availability
  absl::Duration default_expiry;  // of an offer that does not say when it runs out
};

struct AcceptHandoff {
  v1::AcceptHandoffRequest request;
  v1::OwnershipStarted opening;
  std::optional<std::string> supervisor;  // who answers beside the caller from now on, if anybody is on duty
};

// The three that nobody asks for: timers give the first two, resolved notices the third. Each does nothing where it no
// longer applies.
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

  // Refusals are those that the RPC of the same name documents.
  static Decision Decide(const State&, const OfferHandoff&, const runtime::Caller&);
  static Decision Decide(const State&, const AcceptHandoff&, const runtime::Caller&);
  static Decision Decide(const State&, const OnCase<v1::DeclineHandoffRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const ExpireHandoff&, const runtime::Caller&);

  // After its due time a promise cannot be kept or renegotiated any more, even if the timer has yet to break it.
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

#pragma once

// The rules of ownership. A case has one owner at every moment. A hand-over is an offer until it is accepted. What is
// owed is kept in time, renegotiated in time, withdrawn in time, or broken (commitment.h), and every open case owes its
// customer one next update. What the customer says waits for an answer of the owner. Solved is what the customer
// confirmed and did not take back.
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
#include "libs/runtime/domain/due.h"
#include "services/ownership/domain/remedies/barred.h"
#include "services/ownership/domain/remedies/remedy_commands.h"
#include "services/ownership/standing/standing.h"
#include "throughline/ownership/v1/commands.pb.h"
#include "throughline/ownership/v1/escalation.pb.h"
#include "throughline/ownership/v1/ownership.pb.h"
#include "throughline/ownership/v1/state.pb.h"

namespace throughline::ownership {

// The periods that rules need, as configured.
struct Periods {
  absl::Duration reply_within = absl::Hours(24);        // an answer to what a customer said
  absl::Duration next_update_within = absl::Hours(24);  // the next update, if nothing else was said to the customer
};

// The times of an escalation from a decision on, computed once by the calendar.
struct EscalationTerms {
  std::vector<absl::Time> acknowledge_by;  // on each level; the last one, on all above it; at least one
  absl::Time decide_by;                    // after it is acknowledged
  uint32_t after_broken = 0;               // so many broken commitments escalate a case; 0: never
};

// A request about a case with the facts of its opening. An `opening` without case_id means that there is no such case.
// A due time that is given in words: what they mean.
template <typename Request>
struct OnCase {
  Request request;
  v1::OwnershipStarted opening;
  Periods periods = {};
  runtime::Meant meant = absl::InfinitePast();
};

// How long a customer may stay silent after a proposal, found by a calendar outside of the rules, once.
struct Silence {
  absl::Time announce_at = absl::InfiniteFuture();
  absl::Time closes_at = absl::InfiniteFuture();  // never
  std::string calendar = "";                      // by which they were found; empty: by none
};
struct ProposeResolution : OnCase<v1::ProposeResolutionRequest> {
  // NOLINTNEXTLINE: where nothing is closed by itself, the request is all
  ProposeResolution(OnCase<v1::ProposeResolutionRequest> on_case, absl::StatusOr<Silence> how_long = Silence())
      : OnCase(std::move(on_case)), silence(std::move(how_long)) {}

  absl::StatusOr<Silence> silence;  // NOT_FOUND: there is no calendar request.calendar
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
  Periods periods = {};
};

struct RequestHelp {
  v1::RequestHelpRequest request;
  v1::OwnershipStarted opening;
  std::string helper;   // request.to, or who was chosen from request.team; empty: nobody of it is here
  absl::Status person;  // whether they may answer: PERSON_UNKNOWN, PERSON_DEACTIVATED
  bool absent = false;  // whether they are away now
  runtime::Meant meant = absl::InfinitePast();
};

struct EscalateCase {
  v1::EscalateCaseRequest request;
  v1::OwnershipStarted opening;
  std::string above;  // who stands above the owner, and is not the caller; empty: nobody
  EscalationTerms terms;
};
struct AcknowledgeEscalation {
  v1::AcknowledgeEscalationRequest request;
  v1::OwnershipStarted opening;
  EscalationTerms terms;
};

struct AcceptHandoff {
  v1::AcceptHandoffRequest request;
  v1::OwnershipStarted opening;
  absl::Status person;  // whether the caller may own: PERSON_UNKNOWN, PERSON_DEACTIVATED
};

// Makes the case go on as another one.
struct MergeCase {
  v1::MergeCasesRequest request;
  v1::OwnershipStarted opening;  // of the younger case, whose stream decides it
  v1::OwnershipStarted into;     // of the case that goes on
  std::string into_owner;
  bool one_already = false;  // the younger case goes on as that one already, perhaps through others
};

// Commands without an RPC of their own: timers give the first three, reactors the others. Each does nothing if it no
// longer applies.
struct CommitmentDue {
  v1::CommitmentSettled request;  // commitment_id, above
  v1::OwnershipStarted opening;
  Periods periods = {};
  v1::InteractionNoted told = {};  // our last interaction, which may not be noted yet; case_version 0: none
  // To whom the case is escalated, or its escalation climbs, if this makes it so; empty: nobody is left.
  std::string escalate_to = {};
  EscalationTerms terms = {};
  // Of an approval: who decides from here on, other than who asked (empty: nobody else is there), and by when.
  std::string approver = {};
  absl::Time approval_due = absl::InfinitePast();
};
struct ResolutionUnanswered {
  v1::ResolutionProposed request;  // text, as the customer was told
};
struct ExpireHandoff {
  v1::HandoffExpired request;  // handoff_id
};
struct RequestConfirmation {
  v1::ConfirmationRequested request;
  v1::OwnershipStarted opening;
};
struct NoteInteraction {
  v1::InteractionNoted request;
  v1::OwnershipStarted opening;
  Periods periods = {};
};
struct AttachAlert {
  v1::Commitment request;  // text
  v1::OwnershipStarted opening;
  Periods periods = {};
};
// request.into_case_id is this case; the request says what moves here.
struct AbsorbCase {
  v1::CaseMerged request;
  std::string from_case_id;
  v1::OwnershipStarted opening;
  Periods periods = {};
};
// request.from was deactivated: a case that they own moves to request.to, an offer to them is withdrawn, and help that
// they were asked for is handed back; decisions about remedies that they owed go to request.to, too.
struct RelievePerson {
  v1::CaseReassigned request;  // from, to, reason
  v1::OwnershipStarted opening;
  EscalationTerms terms = {};
  std::string beyond = {};  // who stands above request.to; decides about what request.to asked for
};

// A rep is free for a case that nobody took: it moves from request.from, who looks after it, to request.to.
struct AssignToFreeRep {
  v1::CaseReassigned request;  // from, to
  v1::OwnershipStarted opening;
};

// The stream `ownership/<case_id>`.
struct Ownership {
  static constexpr char kKind[] = "ownership";
  static constexpr absl::Duration kMaxHandoffExpiry = absl::Hours(7 * 24);
  using State = v1::OwnershipState;
  using Event = v1::OwnershipEvent;
  using Decision = absl::StatusOr<std::vector<Event>>;

  // Refusals: see the RPC of the same name.
  template <typename Request>
  static Decision Decide(const State&, const Barred<Request>& command, const runtime::Caller&) {
    return command.why;
  }
  static Decision Decide(const State&, const OfferHandoff&, const runtime::Caller&);
  static Decision Decide(const State&, const AcceptHandoff&, const runtime::Caller&);
  static Decision Decide(const State&, const OnCase<v1::DeclineHandoffRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const OnCase<v1::WithdrawHandoffRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const ExpireHandoff&, const runtime::Caller&);
  static Decision Decide(const State&, const ReassignCase&, const runtime::Caller&);
  static Decision Decide(const State&, const RelievePerson&, const runtime::Caller&);
  static Decision Decide(const State&, const AssignToFreeRep&, const runtime::Caller&);

  static Decision Decide(const State&, const OnCase<v1::MakePromiseRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const OnCase<v1::KeepPromiseRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const OnCase<v1::RenegotiatePromiseRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const OnCase<v1::KeepCommitmentRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const OnCase<v1::RenegotiateCommitmentRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const OnCase<v1::WithdrawCommitmentRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const CommitmentDue&, const runtime::Caller&);
  static Decision Decide(const State&, const RequestHelp&, const runtime::Caller&);
  static Decision Decide(const State&, const OnCase<v1::HandBackHelpRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const EscalateCase&, const runtime::Caller&);
  static Decision Decide(const State&, const AcknowledgeEscalation&, const runtime::Caller&);
  static Decision Decide(const State&, const OnCase<v1::SettleEscalationRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const OnCase<v1::AddWorkNoteRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const AttachAlert&, const runtime::Caller&);

  static Decision Decide(const State&, const NoteInteraction&, const runtime::Caller&);
  // What the customer said last needs no answer. By the owner or a supervisor. NOT_FOUND CASE_UNKNOWN;
  // PERMISSION_DENIED NOT_OWNER; FAILED_PRECONDITION CUSTOMER_SPOKE: it is not the last one.
  static Decision Decide(const State&, const OnCase<v1::InteractionAcknowledged>&, const runtime::Caller&);

  static Decision Decide(const State&, const ProposeResolution&, const runtime::Caller&);
  static Decision Decide(const State&, const OnCase<v1::ConfirmResolutionRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const OnCase<v1::RejectResolutionRequest>&, const runtime::Caller&);
  // `code` is CodeDigest of what the customer gave, so that the code itself goes no further than its handler.
  static Decision Decide(const State&, const OnCase<v1::AnswerResolutionRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const ResolutionUnanswered&, const runtime::Caller&);
  static Decision Decide(const State&, const OnCase<v1::CloseCaseRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const ReopenCase&, const runtime::Caller&);
  static Decision Decide(const State&, const RequestConfirmation&, const runtime::Caller&);

  template <typename Request>
  static Decision Decide(const State& state, const PlaceRemedy<Request>& command, const runtime::Caller& caller) {
    return Place(state, command.order, command.opening, command.denied, command.check_only, caller);
  }
  static Decision Decide(const State&, const RequestRemedy&, const runtime::Caller&);
  static Decision Decide(const State&, const OnCase<v1::DeclineRemedyRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const OnCase<v1::AnswerCounterOfferRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const OnCase<v1::WithdrawRemedyRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const OnCase<v1::HandOffRemedyRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const OnCase<v1::RecordRemedyOutcomeRequest>&, const runtime::Caller&);
  static Decision Decide(const State&, const OnCase<v1::RetryRemedyRequest>&, const runtime::Caller&);

  static Decision Decide(const State&, const MergeCase&, const runtime::Caller&);
  static Decision Decide(const State&, const AbsorbCase&, const runtime::Caller&);

  static void Evolve(State& state, const Event& event);

 private:
  static Decision Place(const State& state, const v1::RemedyOrder& order, const v1::OwnershipStarted& opening,
                        const std::optional<common::v1::Money>& denied, bool check_only, const runtime::Caller& caller);
};

// INVALID_ARGUMENT: no kind, no reason, no currency, or no amount.
absl::Status CheckRemedy(v1::RemedyKind kind, const common::v1::Money& amount, const std::string& reason);

// Whether the case has it, by this reservation or by an earlier one.
bool IsPlaced(const v1::OwnershipState& state, const v1::RemedyOrder& order);
// What the case said of a remedy for which that was reserved: OK, or the refusal. None: nothing yet.
std::optional<absl::Status> VerdictOn(const v1::OwnershipState& state, const std::string& reservation_id);

// Whether a service of ours did something, and no person.
bool IsService(const std::string& by);

// Whether somebody takes the case with this event, if nobody has: its owner changes, or a person works on it.
bool TakesCase(const v1::OwnershipEvent& event);

}  // namespace throughline::ownership

#pragma once

// Collects the events of one decision, and holds the refusals that several rules share. For the rules of ownership
// only.
//
//   Draft draft(state, command.opening);
//   if (absl::Status refused = draft.RequireOwner(caller); !refused.ok()) return refused;
//   draft.Add().mutable_closed()->set_by(caller.id);
//   return draft.Take();
//
// One thread.

#include <utility>

#include "absl/time/time.h"

#include "libs/runtime/domain/fields.h"
#include "libs/runtime/domain/time.h"
#include "services/ownership/domain/commitments/commitment.h"
#include "services/ownership/domain/ownership.h"
#include "throughline/ownership/v1/state.pb.h"

namespace throughline::ownership {

class Draft {
 public:
  // Adds OwnershipStarted if the stream has not started. Borrows nothing.
  Draft(const v1::OwnershipState& state, const v1::OwnershipStarted& opening) : state_(state), opening_(opening) {
    if (state.status() != v1::CASE_STATUS_UNSPECIFIED || opening.case_id().empty()) return;
    *Add().mutable_started() = opening;
    Advance();
  }

  // The state before the command, after OwnershipStarted and what Advance has applied.
  const v1::OwnershipState& state() const { return state_; }
  // Applies the events that were added since.
  void Advance() {
    for (; advanced_ < events_.size(); ++advanced_) Ownership::Evolve(state_, events_[advanced_]);
  }
  const v1::OwnershipStarted& opening() const { return opening_; }

  v1::OwnershipEvent& Add() { return events_.emplace_back(); }
  std::vector<v1::OwnershipEvent> Take() { return std::move(events_); }
  // No events, not even OwnershipStarted.
  static std::vector<v1::OwnershipEvent> Nothing() { return {}; }

  absl::Status RequireCase() const;
  // NOT_OWNER unless the caller is the owner or a supervisor, and no system that goes by their name.
  absl::Status RequireOwner(const runtime::Caller& caller) const;
  // CASE_CLOSED, CASE_MERGED.
  absl::Status RequireNotClosed() const;
  // CASE_MERGED.
  absl::Status RequireNotMerged() const;
  // CUSTOMER_SPOKE if the customer's last interaction is another than the one seen (empty: not said); CUSTOMER_WAITS if
  // it was not answered.
  absl::Status RequireHeard(const std::string& last_interaction_seen) const;

  // These add events and advance.
  void Make(v1::Commitment commitment, const std::string& by, const std::string& replaces = "");
  void Settle(v1::CommitmentSettled settled);
  // `replaces`: the next update that it takes the place of.
  void MakeNextUpdate(const runtime::Caller& caller, absl::Time due, const std::string& replaces = "");
  // Makes one where an open case has none: one that was reopened before there were commitments.
  void RequireNextUpdate(const Periods& periods, const runtime::Caller& caller);
  // Ends what does not outlast the case, as withdrawn or, after its due time, broken.
  void EndWithCase(const std::string& reason, const runtime::Caller& caller);
  // `interaction_id`: what the customer said, if that reopens it.
  void Reopen(const std::string& reason, const std::string& interaction_id, const Periods& periods,
              const runtime::Caller& caller);
  // Something waits for an answer: makes a reply due, unless one is open.
  void MakeReply(absl::Time due, const runtime::Caller& caller);

 private:
  v1::OwnershipState state_;
  const v1::OwnershipStarted opening_;
  std::vector<v1::OwnershipEvent> events_;
  size_t advanced_ = 0;
};

inline absl::Status Precondition(absl::string_view reason, absl::string_view text) {
  return runtime::Refuse(absl::StatusCode::kFailedPrecondition, reason, text);
}

// ALREADY_OWNER.
absl::Status RequireOther(const Draft& draft, const std::string& to);
// `person`: whether `to` may own or answer; PERSON_ABSENT.
absl::Status RequireHere(const std::string& to, const absl::Status& person, bool absent);

// An open request for help that the person was asked for; null: there is none.
const v1::Commitment* FindHelp(const v1::CommitmentLedger& ledger, const std::string& person);
// Hands back all that they were asked for.
void HandBackHelpOf(Draft& draft, const std::string& person, const std::string& reason, const runtime::Caller& caller);

// A level of an escalation.
struct Level {
  std::string to;
  std::string from;
  std::string reason;
  v1::EscalationCause cause = v1::ESCALATION_CAUSE_UNSPECIFIED;
  google::protobuf::Timestamp due;
};
// Raises the case to `level.to`: the first level, or that after the present one. PERSON_DEACTIVATED: the same level.
void Escalate(Draft& draft, const Level& level, const runtime::Caller& caller);
// The open escalation ends with the case, or goes on elsewhere. Its commitment is settled already, or is withdrawn.
void EndEscalation(Draft& draft, const std::string& how, const runtime::Caller& caller);
// Moves it from somebody who was deactivated.
void RelieveEscalation(Draft& draft, const std::string& to, const std::string& reason, const EscalationTerms& terms,
                       const runtime::Caller& caller);
// After a commitment was broken: the escalation that was not acknowledged climbs, or is exhausted; or so many are
// broken that the case is escalated.
void EscalateBroken(Draft& draft, v1::CommitmentKind broken, const std::string& to, const EscalationTerms& terms,
                    const runtime::Caller& caller);
// What goes with a case that is merged into another.
v1::CaseEscalated EscalationOf(const v1::OwnershipState& state);

// After how many hand-overs the case comes back to this person; 0: they have not owned it.
uint32_t ReturnsAfter(const v1::OwnershipState& state, const std::string& to);
// Gives up a remedy that is asked for, offered or failed.
// `outcome`: of what is owed about it.
void EndRemedy(Draft& draft, const v1::Remedy& remedy, const std::string& reason, const runtime::Caller& caller,
               v1::CommitmentOutcome outcome = v1::COMMITMENT_OUTCOME_WITHDRAWN);
// Gives up those that are asked for or offered: the case ends.
void EndOpenRemedies(Draft& draft, const std::string& reason, const runtime::Caller& caller);
// Another supervisor decides about the remedy from here on; the same one, if `to` is empty. The commitment has ended.
void PassUp(Draft& draft, const v1::Commitment& approval, const std::string& to, absl::Time due,
            const std::string& reason, const runtime::Caller& caller);
// All that the person was to decide goes to `to`, or to `beyond` where `to` asked for it.
void PassUpOf(Draft& draft, const std::string& person, const std::string& to, const std::string& beyond,
              const std::string& reason, const runtime::Caller& caller);
// Evolve.
void RememberRefusal(v1::OwnershipState& state, const v1::RemedyRefused& refused);

// Makes `to` the owner.
void Reassign(Draft& draft, const std::string& to, const std::string& by, const std::string& reason,
              v1::ReassignmentCause cause);

// HANDOFF_PENDING while an offer is open. Records an offer that ran out as expired.
absl::Status SettleHandoff(Draft& draft, absl::Time now);

// Withdraws the open offer. The offer must be open.
void WithdrawOffer(Draft& draft, const std::string& by, const std::string& reason);

// Requires `time` to be given and later than `now`.
void RequireFuture(runtime::FieldViolations& bad, absl::string_view field, bool given,
                   const google::protobuf::Timestamp& time, absl::Time now);
// Times are stored to the microsecond.
inline google::protobuf::Timestamp AsStored(const google::protobuf::Timestamp& time) {
  return runtime::ToProto(runtime::FromProto(time));
}

}  // namespace throughline::ownership

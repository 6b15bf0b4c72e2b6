#include "services/ownership/domain/ownership.h"

#include <algorithm>

#include "absl/strings/match.h"

#include "libs/crypto/sha256.h"
#include "libs/runtime/domain/ids.h"
#include "services/ownership/domain/draft.h"
#include "services/ownership/domain/remedies/remedy.h"

namespace throughline::ownership {
namespace {

void Start(v1::OwnershipState& state, const v1::OwnershipStarted& started) {
  state.set_untaken(started.untaken());
  state.add_owners(started.owner());
  state.set_last_inbound_interaction_id(started.case_id());
  *state.mutable_ledger()->add_open() = OpeningUpdate(started);
}

void ChangeStanding(v1::OwnershipState& state, const StandingChange& change) {
  if (change.owner) state.set_owner(*change.owner);
  if (change.merged_into_case_id) state.set_merged_into_case_id(*change.merged_into_case_id);
  if (!change.status) return;
  state.set_status(*change.status);
  state.clear_proposal();
}

// The present owner, who has just become that.
void TakeOver(v1::OwnershipState& state, const std::string& from) {
  state.set_previous_owner(from);
  state.clear_handoff();
  constexpr int kMostOwners = 1000;
  auto& owners = *state.mutable_owners();
  *owners.Add() = state.owner();
  if (owners.size() > kMostOwners) owners.DeleteSubrange(0, owners.size() - kMostOwners);
}

void Escalate(v1::OwnershipState& state, const v1::CaseEscalated& escalated) {
  auto& escalation = *state.mutable_escalation();
  escalation.set_escalation_id(escalated.escalation_id());
  escalation.set_level(escalated.level());
  escalation.set_to(escalated.to());
  escalation.add_ladder(escalated.to());
  escalation.set_acknowledged(false);
  escalation.set_exhausted(false);
  escalation.set_commitment_id(escalated.commitment_id());
  if (escalation.reason().empty()) escalation.set_reason(escalated.reason());
  state.clear_broken_since_escalation();
}

void Acknowledge(v1::OwnershipState& state, const v1::EscalationAcknowledged& acknowledged) {
  auto& escalation = *state.mutable_escalation();
  escalation.set_to(acknowledged.by());
  escalation.set_acknowledged(true);
  escalation.set_exhausted(false);
  escalation.set_commitment_id(acknowledged.commitment_id());
}

// An escalation is no reason for another one.
void CountBroken(v1::OwnershipState& state, const v1::CommitmentSettled& settled) {
  if (settled.outcome() != v1::COMMITMENT_OUTCOME_BROKEN || IsEscalation(settled.kind())) return;
  state.set_broken_since_escalation(state.broken_since_escalation() + 1);
}

void Propose(v1::OwnershipState& state, const v1::ResolutionProposed& proposed) {
  auto& proposal = *state.mutable_proposal();
  if (proposed.has_announce_at()) *proposal.mutable_announce_at() = proposed.announce_at();
  if (proposed.has_closes_at()) *proposal.mutable_closes_at() = proposed.closes_at();
  proposal.set_code_sha256(proposed.code_sha256());
  proposal.set_text_sha256(crypto::Sha256(proposed.text()));
}

// The owner keeps the time between the announcement and the closing.
void Announce(v1::OwnershipState& state, const v1::ClosingAnnounced& announced) {
  auto& proposal = *state.mutable_proposal();
  const absl::Duration later = runtime::FromProto(announced.closes_at()) - runtime::FromProto(proposal.closes_at());
  *proposal.mutable_announce_at() = runtime::ToProto(runtime::FromProto(proposal.announce_at()) + later);
  *proposal.mutable_closes_at() = announced.closes_at();
  proposal.set_announced(true);
}

void Note(v1::OwnershipState& state, const v1::InteractionNoted& noted) {
  if (!noted.passed_on_to_case_id().empty()) return;
  const uint64_t version = noted.case_id().empty() ? noted.case_version() : 0;
  if (!noted.inbound()) {
    state.set_last_outbound_version(std::max(state.last_outbound_version(), version));
    if (!noted.customer_waits()) state.clear_unanswered();
    return;
  }
  state.set_last_inbound_version(std::max(state.last_inbound_version(), version));
  if (!noted.latest()) return;
  state.set_last_inbound_interaction_id(noted.interaction_id());
  if (!noted.customer_waits()) return;
  if (!state.has_unanswered()) *state.mutable_unanswered()->mutable_since() = noted.at();
  state.mutable_unanswered()->set_interaction_id(noted.interaction_id());
}

// In histories from before there were commitments nothing else ends them.
void EndWithCase(v1::CommitmentLedger& ledger) {
  auto& open = *ledger.mutable_open();
  open.erase(
      std::remove_if(open.begin(), open.end(), [](const auto& one) { return RulesOf(one.kind()).ends_with_case; }),
      open.end());
}

// A case can be merged again, when something reaches it later. It goes on knowing its remedies, which are not its own
// any more, so that whoever comes late to complete one finds that it is.
void Merge(v1::OwnershipState& state) {
  state.mutable_ledger()->clear_open();
  state.clear_unanswered();
  state.clear_handoff();
}

}  // namespace

bool IsService(const std::string& by) { return absl::StartsWith(by, "throughline."); }

bool TakesCase(const v1::OwnershipEvent& event) {
  using Event = v1::OwnershipEvent;
  switch (event.event_case()) {
    case Event::kCommitmentMade:
      return !IsService(event.commitment_made().by());
    case Event::kCommitmentSettled:
      return !IsService(event.commitment_settled().by());
    case Event::kHandoffWithdrawn:
      return !IsService(event.handoff_withdrawn().by());
    case Event::kReopened:
      return !IsService(event.reopened().by());
    case Event::kReassigned:
      return event.reassigned().cause() != v1::REASSIGNMENT_CAUSE_OWNER_DEACTIVATED;
    case Event::kEscalated:
      return !IsService(event.escalated().by());
    case Event::kRemedyWithdrawn:
      return !IsService(event.remedy_withdrawn().by());
    case Event::kStarted:
    case Event::kHandoffExpired:
    case Event::kPromiseBroken:
    case Event::kConfirmationRequested:
    case Event::kConfirmationTakenBack:
    case Event::kClosingAnnounced:
    case Event::kInteractionNoted:
    case Event::kAbsorbed:
    case Event::kEscalationAcknowledged:
    case Event::kEscalationSettled:
    case Event::kEscalationExhausted:
    case Event::kRemedyRefused:
    case Event::kRemedyPassedUp:
    case Event::kRemedyHandedOff:
    case Event::kRemedyOutcomeRecorded:
    case Event::EVENT_NOT_SET:
      return false;
    case Event::kHandoffOffered:
    case Event::kHandoffAccepted:
    case Event::kHandoffDeclined:
    case Event::kPromiseMade:
    case Event::kPromiseKept:
    case Event::kPromiseRenegotiated:
    case Event::kCommitmentRenegotiated:
    case Event::kWorkNoteAdded:
    case Event::kResolutionProposed:
    case Event::kResolutionConfirmed:
    case Event::kResolutionRejected:
    case Event::kInteractionAcknowledged:
    case Event::kMerged:
    case Event::kClosed:
    case Event::kRemedyGranted:
    case Event::kRemedyRequested:
    case Event::kRemedyDeclined:
    case Event::kRemedyCountered:
    case Event::kRemedyRetried:
      return true;
  }
  return false;
}

void Ownership::Evolve(State& state, const Event& event) {
  if (TakesCase(event)) state.clear_untaken();
  ChangeStanding(state, ChangeOf(event));
  switch (event.event_case()) {
    case Event::kStarted:
      return Start(state, event.started());
    case Event::kHandoffOffered: {
      auto& handoff = *state.mutable_handoff();
      handoff.set_handoff_id(event.handoff_offered().handoff_id());
      handoff.set_to(event.handoff_offered().to());
      *handoff.mutable_expires_at() = event.handoff_offered().expires_at();
      handoff.set_offered_by(event.handoff_offered().offered_by());
      return;
    }
    case Event::kHandoffAccepted:
      return TakeOver(state, event.handoff_accepted().from());
    case Event::kReassigned:
      return TakeOver(state, event.reassigned().from());
    case Event::kHandoffWithdrawn:
    case Event::kHandoffDeclined:
    case Event::kHandoffExpired:
      state.clear_handoff();
      return;
    case Event::kPromiseMade:
      return Apply(*state.mutable_ledger(), AsMade(event.promise_made()));
    case Event::kPromiseKept:
      return Apply(*state.mutable_ledger(), AsSettled(event.promise_kept()));
    case Event::kPromiseRenegotiated:
      return Apply(*state.mutable_ledger(), AsRenegotiated(event.promise_renegotiated()));
    case Event::kPromiseBroken:
      CountBroken(state, AsSettled(event.promise_broken()));
      return Apply(*state.mutable_ledger(), AsSettled(event.promise_broken()));
    case Event::kCommitmentMade:
      return Apply(*state.mutable_ledger(), event.commitment_made());
    case Event::kCommitmentRenegotiated:
      return Apply(*state.mutable_ledger(), event.commitment_renegotiated());
    case Event::kCommitmentSettled:
      CountBroken(state, event.commitment_settled());
      return Apply(*state.mutable_ledger(), event.commitment_settled());
    case Event::kInteractionNoted:
      return Note(state, event.interaction_noted());
    case Event::kInteractionAcknowledged:
      state.clear_unanswered();
      return;
    case Event::kResolutionProposed:
      return Propose(state, event.resolution_proposed());
    case Event::kClosingAnnounced:
      return Announce(state, event.closing_announced());
    case Event::kClosed:
      return EndWithCase(*state.mutable_ledger());
    case Event::kMerged:
      return Merge(state);
    case Event::kConfirmationRequested:
      state.add_confirmation_notice_ids(event.confirmation_requested().notice_id());
      return;
    case Event::kEscalated:
      return Escalate(state, event.escalated());
    case Event::kEscalationAcknowledged:
      return Acknowledge(state, event.escalation_acknowledged());
    case Event::kEscalationSettled:
      state.clear_escalation();
      state.clear_broken_since_escalation();
      return;
    case Event::kEscalationExhausted:
      state.mutable_escalation()->set_exhausted(true);
      return;
    case Event::kRemedyRefused:
      return RememberRefusal(state, event.remedy_refused());
    case Event::kAbsorbed:
    case Event::kRemedyGranted:
    case Event::kRemedyRequested:
    case Event::kRemedyDeclined:
    case Event::kRemedyCountered:
    case Event::kRemedyWithdrawn:
    case Event::kRemedyPassedUp:
    case Event::kRemedyHandedOff:
    case Event::kRemedyOutcomeRecorded:
    case Event::kRemedyRetried:
      return ApplyToRemedies(event, *state.mutable_remedies(), *state.mutable_granted());
    case Event::kResolutionConfirmed:
    case Event::kResolutionRejected:
    case Event::kConfirmationTakenBack:
    case Event::kReopened:
    case Event::kWorkNoteAdded:
    case Event::EVENT_NOT_SET:
      return;
  }
}

absl::Status Draft::RequireCase() const {
  if (state_.status() != v1::CASE_STATUS_UNSPECIFIED) return absl::OkStatus();
  return runtime::Refuse(absl::StatusCode::kNotFound, "CASE_UNKNOWN",
                         "no such case: check the id, or look it up in the list of cases");
}

absl::Status Draft::RequireOwner(const runtime::Caller& caller) const {
  if (caller.Is(common::v1::ROLE_SUPERVISOR)) return absl::OkStatus();
  if (caller.Is(common::v1::ROLE_REP) && caller.id == state_.owner()) return absl::OkStatus();
  return runtime::WithMetadata(
      runtime::Refuse(absl::StatusCode::kPermissionDenied, "NOT_OWNER",
                      "`" + state_.owner() +
                          "` owns this case: only they or a supervisor may do this; ask them, or let "
                          "them offer you the case"),
      "owner", state_.owner());
}

absl::Status Draft::RequireNotMerged() const {
  if (state_.status() != v1::CASE_STATUS_CLOSED_MERGED) return absl::OkStatus();
  return runtime::WithMetadata(
      Precondition("CASE_MERGED", "the case was merged into `" + state_.merged_into_case_id() + "`: go on there"),
      "case_id", state_.merged_into_case_id());
}

absl::Status Draft::RequireNotClosed() const {
  if (absl::Status refused = RequireNotMerged(); !refused.ok()) return refused;
  if (!IsClosed(state_.status())) return absl::OkStatus();
  return Precondition("CASE_CLOSED", "the case is closed: reopen it first");
}

absl::Status Draft::RequireHeard(const std::string& last_interaction_seen) const {
  const std::string& last = state_.last_inbound_interaction_id();
  if (!last_interaction_seen.empty() && last_interaction_seen != last) {
    return runtime::WithMetadata(
        Precondition("CUSTOMER_SPOKE", "the customer's last interaction is `" + last + "`: read it first"),
        "last_interaction", last);
  }
  if (!state_.has_unanswered()) return absl::OkStatus();
  return runtime::WithMetadata(
      Precondition("CUSTOMER_WAITS", "the customer waits for an answer to interaction `" + last +
                                         "`: answer them, or acknowledge what they said"),
      "last_interaction", last);
}

void Draft::Make(v1::Commitment commitment, const std::string& by, const std::string& replaces) {
  auto& made = *Add().mutable_commitment_made();
  *made.mutable_commitment() = std::move(commitment);
  made.set_by(by);
  made.set_replaces(replaces);
  Advance();
}

void Draft::Settle(v1::CommitmentSettled settled) {
  *Add().mutable_commitment_settled() = std::move(settled);
  Advance();
}

void Draft::MakeNextUpdate(const runtime::Caller& caller, absl::Time due, const std::string& replaces) {
  v1::Commitment update;
  update.set_commitment_id(runtime::DerivedId(caller, "next-update"));
  update.set_kind(v1::COMMITMENT_KIND_NEXT_UPDATE);
  update.set_owed_to(opening_.customer_id());
  update.set_text(kNextUpdateText);
  *update.mutable_due() = runtime::ToProto(due);
  Make(std::move(update), caller.id, replaces);
}

void Draft::RequireNextUpdate(const Periods& periods, const runtime::Caller& caller) {
  if (IsClosed(state_.status()) || FindOpen(state_.ledger(), v1::COMMITMENT_KIND_NEXT_UPDATE) != nullptr) return;
  MakeNextUpdate(caller, caller.time + periods.next_update_within);
}

void Draft::MakeReply(absl::Time due, const runtime::Caller& caller) {
  if (FindOpen(state_.ledger(), v1::COMMITMENT_KIND_REPLY) != nullptr) return;
  v1::Commitment reply;
  reply.set_commitment_id(runtime::DerivedId(caller, "reply"));
  reply.set_kind(v1::COMMITMENT_KIND_REPLY);
  reply.set_owed_to(opening_.customer_id());
  reply.set_text("Answer what the customer said.");
  *reply.mutable_due() = runtime::ToProto(due);
  Make(std::move(reply), caller.id);
}

void Draft::EndWithCase(const std::string& reason, const runtime::Caller& caller) {
  EndOpenRemedies(*this, reason, caller);
  const v1::CommitmentLedger ledger = state_.ledger();
  for (const auto& open : ledger.open()) {
    if (!RulesOf(open.kind()).ends_with_case) continue;
    Settle(SettleInTime(open, v1::COMMITMENT_OUTCOME_WITHDRAWN, {caller.id, reason, caller.time, state_.owner()}));
  }
  if (state_.has_escalation()) EndEscalation(*this, reason, caller);
}

void Draft::Reopen(const std::string& reason, const std::string& interaction_id, const Periods& periods,
                   const runtime::Caller& caller) {
  auto& reopened = *Add().mutable_reopened();
  reopened.set_by(caller.id);
  reopened.set_reason(reason);
  reopened.set_interaction_id(interaction_id);
  Advance();
  MakeNextUpdate(caller, caller.time + periods.next_update_within);
}

void RequireFuture(runtime::FieldViolations& bad, absl::string_view field, bool given,
                   const google::protobuf::Timestamp& time, absl::Time now) {
  if (!given) {
    bad.Add(field, "is not set: give a time in the future");
  } else if (runtime::FromProto(time) <= now) {
    bad.Add(field, "has passed: give a time in the future");
  }
}

}  // namespace throughline::ownership

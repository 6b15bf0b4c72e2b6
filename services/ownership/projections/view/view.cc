#include "services/ownership/projections/view/view.h"

#include <string>
#include <utility>

#include "absl/algorithm/container.h"

#include "libs/runtime/domain/time.h"
#include "services/ownership/domain/commitments/commitment.h"
#include "services/ownership/domain/ownership.h"
#include "services/ownership/domain/remedies/remedy.h"
#include "services/ownership/projections/view/view_commitments.h"

namespace throughline::ownership {
namespace {

using runtime::ToProto;

void Offer(v1::OwnershipView& view, const v1::HandoffOffered& offered, absl::Time time) {
  auto& handoff = *view.mutable_handoff();
  handoff.set_handoff_id(offered.handoff_id());
  handoff.set_from(offered.from());
  handoff.set_to(offered.to());
  handoff.set_reason(offered.reason());
  *handoff.mutable_offered_at() = ToProto(time);
  *handoff.mutable_expires_at() = offered.expires_at();
}

// The present owner, who has just become that.
void TakeOver(v1::OwnershipView& view, bool ping_pong, absl::Time time) {
  if (ping_pong) view.set_ping_pong_count(view.ping_pong_count() + 1);
  const auto owned = [&](const v1::OwnershipPeriod& period) { return period.person() == view.owner(); };
  if (absl::c_any_of(view.ownership_periods(), owned)) view.set_returned_count(view.returned_count() + 1);
  view.set_hand_over_count(view.hand_over_count() + 1);
  view.clear_handoff();
  auto& period = *view.add_ownership_periods();
  period.set_person(view.owner());
  *period.mutable_since() = ToProto(time);
}

void AddWorkNote(v1::OwnershipView& view, const v1::WorkNoteAdded& added, absl::Time time) {
  v1::WorkNoteView work_note;
  work_note.set_by(added.by());
  *work_note.mutable_at() = ToProto(time);
  work_note.set_text(added.text());
  if (added.has_next_action()) work_note.set_next_action(added.next_action());
  if (added.has_next_action_due()) *work_note.mutable_next_action_due() = added.next_action_due();
  if (added.has_waiting_on()) work_note.set_waiting_on(added.waiting_on());
  work_note.set_next_action_commitment_id(added.next_action_commitment_id());
  *view.mutable_work_note() = std::move(work_note);
  Acknowledge(view, [&](const auto& one) {
    return absl::c_linear_search(added.done_commitment_ids(), one.commitment().commitment_id());
  });
}

void ChangeStanding(v1::OwnershipView& view, const StandingChange& change) {
  if (change.owner) view.set_owner(*change.owner);
  if (!change.status) return;
  view.set_status(*change.status);
  view.clear_announce_at();
  view.clear_closes_at();
  view.clear_closing_announced();
  view.clear_closing_announced_at();
}

void Propose(v1::OwnershipView& view, const v1::ResolutionProposed& proposed, absl::Time time) {
  if (proposed.has_announce_at()) *view.mutable_announce_at() = proposed.announce_at();
  if (proposed.has_closes_at()) *view.mutable_closes_at() = proposed.closes_at();
  v1::ResolutionView resolution;
  resolution.set_by(proposed.by());
  *resolution.mutable_at() = ToProto(time);
  resolution.set_text(proposed.text());
  *view.mutable_resolution() = std::move(resolution);
}

// The customer has answered, so pending requests for confirmation are done.
void Confirm(v1::OwnershipView& view, const v1::ResolutionConfirmed& confirmed, absl::Time time) {
  view.mutable_resolution()->set_evidence(confirmed.evidence());
  *view.mutable_resolution()->mutable_confirmed_at() = ToProto(time);
  view.clear_confirmations_requested();
  view.clear_confirmations_requested_at();
}

void TakeBack(v1::OwnershipView& view) {
  view.mutable_resolution()->clear_evidence();
  view.mutable_resolution()->clear_confirmed_at();
}

void Announce(v1::OwnershipView& view, const v1::ClosingAnnounced& announced, absl::Time time) {
  *view.mutable_closes_at() = announced.closes_at();
  view.set_closing_announced(true);
  *view.mutable_closing_announced_at() = ToProto(time);
}

void Reject(v1::OwnershipView& view, const v1::ResolutionRejected& rejected) {
  view.mutable_resolution()->clear_evidence();
  view.mutable_resolution()->clear_confirmed_at();
  view.mutable_resolution()->set_rejection_reason(rejected.reason());
  view.clear_confirmations_requested();
  view.clear_confirmations_requested_at();
}

void Close(v1::OwnershipView& view, const v1::CaseClosed& closed, absl::Time time) {
  EndWithCase(view, time);
  if (view.status() == v1::CASE_STATUS_CLOSED_UNCONFIRMED)
    view.set_closed_unconfirmed_count(view.closed_unconfirmed_count() + 1);
  auto& closure = *view.mutable_closing();
  closure.set_by(closed.by());
  *closure.mutable_at() = ToProto(time);
  closure.set_resolution_code(closed.resolution_code());
  closure.set_reason(closed.reason());
  *closure.mutable_options_offered() = closed.options_offered();
}

// A case can be merged again, when something reaches it later.
void Merge(v1::OwnershipView& view, const v1::CaseMerged& merged, absl::Time time) {
  DropOpen(view);  // they are owed there
  EndWithCase(view, time);
  view.clear_handoff();
  view.clear_remedies();
  view.clear_granted();
  if (view.has_merged_into_case_id()) return;
  view.set_merged_into_case_id(merged.into_case_id());
  auto& closing = *view.mutable_closing();
  closing.set_by(merged.by());
  *closing.mutable_at() = ToProto(time);
  closing.set_resolution_code(v1::RESOLUTION_CODE_MERGED);
  closing.set_reason(merged.reason());
}

// What was not decided in time is raised no more.
void Decide(v1::OwnershipView& view, const v1::OwnershipEvent& event, const std::string& remedy_id) {
  ApplyToRemedies(event, *view.mutable_remedies(), *view.mutable_granted());
  Acknowledge(view, [&](const auto& one) { return one.commitment().remedy_id() == remedy_id; });
}

void Absorb(v1::OwnershipView& view, const v1::CaseAbsorbed& absorbed) {
  auto& all = *view.mutable_absorbed_case_ids();
  if (absl::c_linear_search(all, absorbed.from_case_id())) return;
  all.Add()->assign(absorbed.from_case_id());
  constexpr int kMost = 100;
  if (all.size() > kMost) all.DeleteSubrange(0, all.size() - kMost);
}

void Escalate(v1::OwnershipView& view, const v1::CaseEscalated& escalated, absl::Time time) {
  const bool first = !view.has_escalation();
  auto& escalation = *view.mutable_escalation();
  if (first) {
    view.set_escalation_count(view.escalation_count() + 1);
    escalation.set_escalation_id(escalated.escalation_id());
    escalation.set_by(escalated.by());
    escalation.set_reason(escalated.reason());
    escalation.set_cause(escalated.cause());
    *escalation.mutable_since() = ToProto(time);
  }
  escalation.set_level(escalated.level());
  escalation.set_to(escalated.to());
  *escalation.mutable_due() = escalated.due();
  escalation.clear_acknowledged_at();
  escalation.set_exhausted(false);
  auto& step = *escalation.add_steps();
  step.set_level(escalated.level());
  step.set_to(escalated.to());
  *step.mutable_at() = ToProto(time);
  step.set_cause(escalated.cause());
}

void TakeCare(v1::OwnershipView& view, const v1::EscalationAcknowledged& acknowledged, absl::Time time) {
  auto& escalation = *view.mutable_escalation();
  escalation.set_to(acknowledged.by());
  *escalation.mutable_due() = acknowledged.due();
  *escalation.mutable_acknowledged_at() = ToProto(time);
  escalation.set_exhausted(false);
}

// What was not acknowledged or decided in time is known to whoever settled it.
void SettleEscalation(v1::OwnershipView& view) {
  view.clear_escalation();
  Acknowledge(view, [](const auto& one) { return IsEscalation(one.commitment().kind()); });
}

}  // namespace

v1::OwnershipView ViewOf(const v1::OwnershipStarted& opening) {
  v1::OwnershipView view;
  view.set_case_id(opening.case_id());
  view.set_owner(opening.owner());
  view.set_status(v1::CASE_STATUS_OPEN);
  view.set_customer_id(opening.customer_id());
  view.set_subject(opening.subject());
  if (opening.has_order_id()) view.set_order_id(opening.order_id());
  if (opening.has_component_id()) view.set_component_id(opening.component_id());
  *view.mutable_opened_at() = opening.opened_at();
  auto& period = *view.add_ownership_periods();
  period.set_person(opening.owner());
  *period.mutable_since() = opening.opened_at();
  *view.mutable_changed_at() = opening.opened_at();
  view.set_last_inbound_interaction_id(opening.case_id());
  auto& update = *view.add_commitments();
  *update.mutable_commitment() = OpeningUpdate(opening);
  update.set_made_by(opening.owner());
  *update.mutable_made_at() = opening.opened_at();
  view.set_unassigned(opening.untaken());
  return view;
}

void Evolve(v1::OwnershipView& view, const v1::OwnershipEvent& event, absl::Time time) {
  using Event = v1::OwnershipEvent;
  if (TakesCase(event)) view.clear_unassigned();
  ChangeStanding(view, ChangeOf(event));
  switch (event.event_case()) {
    case Event::kStarted:
      view = ViewOf(event.started());
      return;
    case Event::kHandoffOffered:
      return Offer(view, event.handoff_offered(), time);
    case Event::kHandoffAccepted:
      return TakeOver(view, event.handoff_accepted().ping_pong(), time);
    case Event::kReassigned:
      return TakeOver(view, event.reassigned().ping_pong(), time);
    case Event::kHandoffWithdrawn:
    case Event::kHandoffDeclined:
    case Event::kHandoffExpired:
      view.clear_handoff();
      return;
    case Event::kPromiseMade:
      return Make(view, AsMade(event.promise_made()), time);
    case Event::kPromiseKept:
      return Settle(view, AsSettled(event.promise_kept()), time);
    case Event::kPromiseRenegotiated:
      return Renegotiate(view, AsRenegotiated(event.promise_renegotiated()));
    case Event::kPromiseBroken:
      return Settle(view, AsSettled(event.promise_broken()), time);
    case Event::kCommitmentMade:
      return Make(view, event.commitment_made(), time);
    case Event::kCommitmentRenegotiated:
      return Renegotiate(view, event.commitment_renegotiated());
    case Event::kCommitmentSettled:
      return Settle(view, event.commitment_settled(), time);
    case Event::kInteractionNoted:
      return Note(view, event.interaction_noted());
    case Event::kInteractionAcknowledged:
      view.clear_unanswered();
      return Acknowledge(view, [](const auto& one) { return one.commitment().kind() == v1::COMMITMENT_KIND_REPLY; });
    case Event::kConfirmationTakenBack:
      return TakeBack(view);
    case Event::kClosingAnnounced:
      return Announce(view, event.closing_announced(), time);
    case Event::kMerged:
      return Merge(view, event.merged(), time);
    case Event::kAbsorbed:
      Absorb(view, event.absorbed());
      return ApplyToRemedies(event, *view.mutable_remedies(), *view.mutable_granted());
    case Event::kEscalated:
      return Escalate(view, event.escalated(), time);
    case Event::kEscalationAcknowledged:
      return TakeCare(view, event.escalation_acknowledged(), time);
    case Event::kEscalationSettled:
      return SettleEscalation(view);
    case Event::kEscalationExhausted:
      view.mutable_escalation()->set_exhausted(true);
      return;
    case Event::kRemedyRefused:
      return;
    case Event::kRemedyGranted:
      return Decide(view, event, event.remedy_granted().remedy_id());
    case Event::kRemedyDeclined:
      return Decide(view, event, event.remedy_declined().remedy_id());
    case Event::kRemedyCountered:
      return Decide(view, event, event.remedy_countered().remedy_id());
    case Event::kRemedyWithdrawn:
      return Decide(view, event, event.remedy_withdrawn().remedy_id());
    case Event::kRemedyRequested:
    case Event::kRemedyPassedUp:
    case Event::kRemedyHandedOff:
    case Event::kRemedyOutcomeRecorded:
    case Event::kRemedyRetried:
      return ApplyToRemedies(event, *view.mutable_remedies(), *view.mutable_granted());
    case Event::kWorkNoteAdded:
      return AddWorkNote(view, event.work_note_added(), time);
    case Event::kResolutionProposed:
      return Propose(view, event.resolution_proposed(), time);
    case Event::kResolutionConfirmed:
      return Confirm(view, event.resolution_confirmed(), time);
    case Event::kResolutionRejected:
      return Reject(view, event.resolution_rejected());
    case Event::kClosed:
      return Close(view, event.closed(), time);
    case Event::kReopened:
      view.clear_closing();
      view.set_reopen_count(view.reopen_count() + 1);
      return;
    case Event::kConfirmationRequested:
      view.add_confirmations_requested(event.confirmation_requested().notice_id());
      *view.add_confirmations_requested_at() = ToProto(time);
      return;
    case Event::EVENT_NOT_SET:
      return;
  }
}

std::string SurvivorOf(const store::KeyValue& reader, std::string case_id) {
  // Each case was merged into an older one, so this ends.
  for (;;) {
    const auto view = kViews.Get(reader, case_id);
    if (!view || !view->has_merged_into_case_id()) return case_id;
    case_id = view->merged_into_case_id();
  }
}

}  // namespace throughline::ownership

#include "services/ownership/projections/view.h"

#include "libs/runtime/domain/time.h"
#include "services/ownership/domain/ownership.h"

namespace throughline::ownership {
namespace {

using runtime::ToProto;

v1::PromiseView* FindPromise(v1::OwnershipView& view, const std::string& promise_id) {
  for (auto& promise : *view.mutable_promises()) {
    if (promise.promise_id() == promise_id) return &promise;
  }
  return nullptr;
}

void Settle(v1::OwnershipView& view, const std::string& promise_id, v1::PromiseStatus status,
            const google::protobuf::Timestamp& at) {
  v1::PromiseView* promise = FindPromise(view, promise_id);
  if (promise == nullptr) return;
  promise->set_status(status);
  *promise->mutable_settled_at() = at;
}

void Offer(v1::OwnershipView& view, const v1::HandoffOffered& offered, absl::Time time) {
  auto& handoff = *view.mutable_handoff();
  handoff.set_handoff_id(offered.handoff_id());
  handoff.set_from(offered.from());
  handoff.set_to(offered.to());
  handoff.set_reason(offered.reason());
  *handoff.mutable_offered_at() = ToProto(time);
  *handoff.mutable_expires_at() = offered.expires_at();
}

void ChangeOwner(v1::OwnershipView& view, const std::string& to, bool ping_pong, absl::Time time) {
  view.set_owner(to);
  if (ping_pong) view.set_ping_pong_count(view.ping_pong_count() + 1);
  view.clear_handoff();
  auto& period = *view.add_ownership_periods();
  period.set_person(to);
  *period.mutable_since() = ToProto(time);
}

void Promise(v1::OwnershipView& view, const v1::PromiseMade& made, absl::Time time) {
  auto& promise = *view.add_promises();
  promise.set_promise_id(made.promise_id());
  promise.set_made_by(made.made_by());
  promise.set_to(made.to());
  promise.set_text(made.text());
  *promise.mutable_due() = made.due();
  promise.set_status(v1::PROMISE_STATUS_OPEN);
  *promise.mutable_made_at() = ToProto(time);
}

void Renegotiate(v1::OwnershipView& view, const v1::PromiseRenegotiated& renegotiated) {
  v1::PromiseView* promise = FindPromise(view, renegotiated.promise_id());
  if (promise == nullptr) return;
  *promise->mutable_due() = renegotiated.new_due();
  promise->set_renegotiation_count(promise->renegotiation_count() + 1);
}

void AddWorkNote(v1::OwnershipView& view, const v1::WorkNoteAdded& added, absl::Time time) {
  v1::WorkNoteView work_note;
  work_note.set_by(added.by());
  *work_note.mutable_at() = ToProto(time);
  work_note.set_text(added.text());
  if (added.has_next_action()) work_note.set_next_action(added.next_action());
  if (added.has_next_action_due()) *work_note.mutable_next_action_due() = added.next_action_due();
  if (added.has_waiting_on()) work_note.set_waiting_on(added.waiting_on());
  *view.mutable_work_note() = std::move(work_note);
}

void Propose(v1::OwnershipView& view, const v1::ResolutionProposed& proposed, absl::Time time) {
  view.set_status(v1::CASE_STATUS_RESOLUTION_PROPOSED);
  v1::ResolutionView resolution;
  resolution.set_by(proposed.by());
  *resolution.mutable_at() = ToProto(time);
  resolution.set_text(proposed.text());
  *view.mutable_resolution() = std::move(resolution);
}

// The customer has answered, so pending requests for confirmation are done.
void Confirm(v1::OwnershipView& view, const v1::ResolutionConfirmed& confirmed, absl::Time time) {
  view.set_status(v1::CASE_STATUS_RESOLVED_CONFIRMED);
  view.mutable_resolution()->set_evidence(confirmed.evidence());
  *view.mutable_resolution()->mutable_confirmed_at() = ToProto(time);
  view.clear_confirmations_requested();
}

void Reject(v1::OwnershipView& view, const v1::ResolutionRejected& rejected) {
  view.set_status(v1::CASE_STATUS_OPEN);
  view.mutable_resolution()->clear_evidence();
  view.mutable_resolution()->clear_confirmed_at();
  view.mutable_resolution()->set_rejection_reason(rejected.reason());
  view.clear_confirmations_requested();
}

void Close(v1::OwnershipView& view, const v1::CaseClosed& closed, absl::Time time) {
  const bool confirmed = closed.resolution_code() == v1::RESOLUTION_CODE_CONFIRMED;
  view.set_status(confirmed ? v1::CASE_STATUS_CLOSED_CONFIRMED : v1::CASE_STATUS_CLOSED_UNCONFIRMED);
  if (!confirmed) view.set_closed_unconfirmed_count(view.closed_unconfirmed_count() + 1);
  auto& closure = *view.mutable_closing();
  closure.set_by(closed.by());
  *closure.mutable_at() = ToProto(time);
  closure.set_resolution_code(closed.resolution_code());
  closure.set_reason(closed.reason());
  *closure.mutable_options_offered() = closed.options_offered();
  view.clear_confirmations_requested();
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
  view.set_unassigned(opening.untaken());
  return view;
}

void Evolve(v1::OwnershipView& view, const v1::OwnershipEvent& event, absl::Time time) {
  using Event = v1::OwnershipEvent;
  if (TakesCase(event)) view.clear_unassigned();
  switch (event.event_case()) {
    case Event::kStarted:
      view = ViewOf(event.started());
      return;
    case Event::kHandoffOffered:
      return Offer(view, event.handoff_offered(), time);
    case Event::kHandoffAccepted:
      return ChangeOwner(view, event.handoff_accepted().to(), event.handoff_accepted().ping_pong(), time);
    case Event::kReassigned:
      return ChangeOwner(view, event.reassigned().to(), event.reassigned().ping_pong(), time);
    case Event::kHandoffWithdrawn:
    case Event::kHandoffDeclined:
    case Event::kHandoffExpired:
      view.clear_handoff();
      return;
    case Event::kPromiseMade:
      return Promise(view, event.promise_made(), time);
    case Event::kPromiseKept:
      return Settle(view, event.promise_kept().promise_id(), v1::PROMISE_STATUS_KEPT, ToProto(time));
    case Event::kPromiseRenegotiated:
      return Renegotiate(view, event.promise_renegotiated());
    case Event::kPromiseBroken:
      return Settle(view, event.promise_broken().promise_id(), v1::PROMISE_STATUS_BROKEN, event.promise_broken().due());
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
      view.set_status(v1::CASE_STATUS_OPEN);
      view.clear_closing();
      view.set_reopen_count(view.reopen_count() + 1);
      return;
    case Event::kConfirmationRequested:
      view.add_confirmations_requested(event.confirmation_requested().notice_id());
      return;
    case Event::kInteractionNoted:
    case Event::kCommitmentMade:
    case Event::kCommitmentRenegotiated:
    case Event::kCommitmentSettled:
    case Event::kInteractionAcknowledged:
    case Event::kConfirmationTakenBack:
    case Event::kClosingAnnounced:
    case Event::kMerged:
    case Event::kAbsorbed:
    case Event::EVENT_NOT_SET:
      return;
  }
}

}  // namespace throughline::ownership

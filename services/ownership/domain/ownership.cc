#include "services/ownership/domain/ownership.h"

#include "absl/strings/match.h"

#include "services/ownership/domain/draft.h"

namespace throughline::ownership {
namespace {

v1::OwnershipState::Promise* FindPromise(v1::OwnershipState& state, const std::string& promise_id) {
  for (auto& promise : *state.mutable_promises()) {
    if (promise.promise_id() == promise_id) return &promise;
  }
  return nullptr;
}

void Settle(v1::OwnershipState& state, const std::string& promise_id, v1::PromiseStatus status) {
  if (auto* promise = FindPromise(state, promise_id)) promise->set_status(status);
}

void Start(v1::OwnershipState& state, const v1::OwnershipStarted& started) {
  state.set_status(v1::CASE_STATUS_OPEN);
  state.set_owner(started.owner());
  state.set_untaken(started.untaken());
}

bool ByService(const std::string& by) { return absl::StartsWith(by, "throughline."); }

void ChangeOwner(v1::OwnershipState& state, const std::string& from, const std::string& to) {
  state.set_previous_owner(from);
  state.set_owner(to);
  state.clear_handoff();
}

}  // namespace

bool TakesCase(const v1::OwnershipEvent& event) {
  using Event = v1::OwnershipEvent;
  switch (event.event_case()) {
    case Event::kCommitmentMade:
      return !ByService(event.commitment_made().by());
    case Event::kCommitmentSettled:
      return !ByService(event.commitment_settled().by());
    case Event::kHandoffWithdrawn:
      return !ByService(event.handoff_withdrawn().by());
    case Event::kReopened:
      return !ByService(event.reopened().by());
    case Event::kReassigned:
      return event.reassigned().cause() != v1::REASSIGNMENT_CAUSE_OWNER_DEACTIVATED;
    case Event::kStarted:
    case Event::kHandoffExpired:
    case Event::kPromiseBroken:
    case Event::kConfirmationRequested:
    case Event::kConfirmationTakenBack:
    case Event::kClosingAnnounced:
    case Event::kInteractionNoted:
    case Event::kAbsorbed:
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
      return true;
  }
  return false;
}

void Ownership::Evolve(State& state, const Event& event) {
  if (TakesCase(event)) state.clear_untaken();
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
      return ChangeOwner(state, event.handoff_accepted().from(), event.handoff_accepted().to());
    case Event::kReassigned:
      return ChangeOwner(state, event.reassigned().from(), event.reassigned().to());
    case Event::kHandoffWithdrawn:
    case Event::kHandoffDeclined:
    case Event::kHandoffExpired:
      state.clear_handoff();
      return;
    case Event::kPromiseMade: {
      auto& promise = *state.add_promises();
      promise.set_promise_id(event.promise_made().promise_id());
      *promise.mutable_due() = event.promise_made().due();
      promise.set_status(v1::PROMISE_STATUS_OPEN);
      return;
    }
    case Event::kPromiseKept:
      return Settle(state, event.promise_kept().promise_id(), v1::PROMISE_STATUS_KEPT);
    case Event::kPromiseRenegotiated:
      if (auto* promise = FindPromise(state, event.promise_renegotiated().promise_id())) {
        *promise->mutable_due() = event.promise_renegotiated().new_due();
      }
      return;
    case Event::kPromiseBroken:
      return Settle(state, event.promise_broken().promise_id(), v1::PROMISE_STATUS_BROKEN);
    case Event::kWorkNoteAdded:
      return;
    case Event::kResolutionProposed:
      state.set_status(v1::CASE_STATUS_RESOLUTION_PROPOSED);
      return;
    case Event::kResolutionConfirmed:
      state.set_status(v1::CASE_STATUS_RESOLVED_CONFIRMED);
      return;
    case Event::kResolutionRejected:
    case Event::kReopened:
      state.set_status(v1::CASE_STATUS_OPEN);
      return;
    case Event::kClosed:
      state.set_status(event.closed().resolution_code() == v1::RESOLUTION_CODE_CONFIRMED
                           ? v1::CASE_STATUS_CLOSED_CONFIRMED
                           : v1::CASE_STATUS_CLOSED_UNCONFIRMED);
      return;
    case Event::kConfirmationRequested:
      state.add_confirmation_notice_ids(event.confirmation_requested().notice_id());
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

absl::Status Draft::RequireCase() const {
  if (state_.status() != v1::CASE_STATUS_UNSPECIFIED) return absl::OkStatus();
  return runtime::Refuse(absl::StatusCode::kNotFound, "CASE_UNKNOWN",
                         "no such case: check the id, or look it up in the list of cases");
}

absl::Status Draft::RequireOwner(const runtime::Caller& caller) const {
  if (caller.id == state_.owner() || caller.Is(common::v1::ROLE_SUPERVISOR)) return absl::OkStatus();
  return runtime::WithMetadata(
      runtime::Refuse(absl::StatusCode::kPermissionDenied, "NOT_OWNER",
                      "`" + state_.owner() +
                          "` owns this case: only they or a supervisor may do this; ask them, or let "
                          "them offer you the case"),
      "owner", state_.owner());
}

absl::Status Draft::RequireNotClosed() const {
  if (!IsClosed(state_.status())) return absl::OkStatus();
  return Precondition("CASE_CLOSED", "the case is closed: reopen it first");
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

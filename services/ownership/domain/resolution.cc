// The rules of work notes, resolution and closing. A case that the customer has not confirmed as solved is closed as
// unconfirmed, with a reason and the options that the customer was offered.

#include "absl/algorithm/container.h"

#include "services/ownership/domain/draft.h"

namespace throughline::ownership {
namespace {

absl::Status NothingProposed() {
  return Precondition("NOTHING_PROPOSED", "no resolution waits for the customer's answer: propose one first");
}

}  // namespace

Ownership::Decision Ownership::Decide(const State& state, const OnCase<v1::AddWorkNoteRequest>& command,
                                      const runtime::Caller& caller) {
  const auto& request = command.request;
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "text", request.text(), "say what was done");
  if (request.has_waiting_on()) {
    runtime::RequireField(bad, "waiting_on", request.waiting_on(), "say whom the case waits for, or leave it out");
    if (!request.has_next_action()) {
      bad.Add("next_action", "is not set: waiting for somebody needs our own next action; say what we do and when");
    }
  }
  if (request.has_next_action()) {
    runtime::RequireField(bad, "next_action", request.next_action(), "say what we do next, or leave it out");
    RequireFuture(bad, "next_action_due", request.has_next_action_due(), request.next_action_due(), caller.time);
  } else if (request.has_next_action_due()) {
    bad.Add("next_action", "is not set, but next_action_due is: say what we do by then");
  }
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = draft.RequireNotClosed(); !refused.ok()) return refused;
  auto& added = *draft.Add().mutable_work_note_added();
  added.set_by(caller.id);
  added.set_text(request.text());
  if (request.has_next_action()) {
    added.set_next_action(request.next_action());
    *added.mutable_next_action_due() = AsStored(request.next_action_due());
  }
  if (request.has_waiting_on()) added.set_waiting_on(request.waiting_on());
  return draft.Take();
}

Ownership::Decision Ownership::Decide(const State& state, const OnCase<v1::ProposeResolutionRequest>& command,
                                      const runtime::Caller& caller) {
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "text", command.request.text(), "say what is proposed, as the customer is told");
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = draft.RequireOwner(caller); !refused.ok()) return refused;
  if (absl::Status refused = draft.RequireNotClosed(); !refused.ok()) return refused;
  if (draft.state().status() == v1::CASE_STATUS_RESOLVED_CONFIRMED) {
    return Precondition("ALREADY_CONFIRMED",
                        "the customer confirmed the resolution: close the case, or, if they took that back, use "
                        "RejectResolution");
  }
  auto& proposed = *draft.Add().mutable_resolution_proposed();
  proposed.set_by(caller.id);
  proposed.set_text(command.request.text());
  return draft.Take();
}

Ownership::Decision Ownership::Decide(const State& state, const OnCase<v1::ConfirmResolutionRequest>& command,
                                      const runtime::Caller& caller) {
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "evidence", command.request.evidence(),
                        "say who confirmed and how: quote the customer, or say where their words are kept");
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = draft.RequireOwner(caller); !refused.ok()) return refused;
  if (absl::Status refused = draft.RequireNotClosed(); !refused.ok()) return refused;
  if (draft.state().status() == v1::CASE_STATUS_RESOLVED_CONFIRMED) return Draft::Nothing();
  if (draft.state().status() != v1::CASE_STATUS_RESOLUTION_PROPOSED) return NothingProposed();
  auto& confirmed = *draft.Add().mutable_resolution_confirmed();
  confirmed.set_by(caller.id);
  confirmed.set_evidence(command.request.evidence());
  return draft.Take();
}

Ownership::Decision Ownership::Decide(const State& state, const OnCase<v1::RejectResolutionRequest>& command,
                                      const runtime::Caller& caller) {
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "reason", command.request.reason(), "say why, in the customer's words");
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = draft.RequireNotClosed(); !refused.ok()) return refused;
  if (draft.state().status() == v1::CASE_STATUS_OPEN) return NothingProposed();
  auto& rejected = *draft.Add().mutable_resolution_rejected();
  rejected.set_by(caller.id);
  rejected.set_reason(command.request.reason());
  return draft.Take();
}

Ownership::Decision Ownership::Decide(const State& state, const OnCase<v1::CloseCaseRequest>& command,
                                      const runtime::Caller& caller) {
  const auto& request = command.request;
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  if (absl::Status refused = draft.RequireOwner(caller); !refused.ok()) return refused;
  if (absl::Status refused = draft.RequireNotClosed(); !refused.ok()) return refused;
  const bool confirmed = draft.state().status() == v1::CASE_STATUS_RESOLVED_CONFIRMED;
  runtime::FieldViolations bad;
  if (!confirmed) {
    runtime::RequireField(bad, "reason", request.reason(),
                          "the customer has not confirmed, so say why the case is closed anyway");
    if (request.options_offered().empty()) {
      bad.Add("options_offered", "is empty: the customer has not confirmed, so name what they were offered instead");
    }
  }
  for (int i = 0; i < request.options_offered_size(); ++i) {
    runtime::RequireField(bad, absl::StrCat("options_offered[", i, "]"), request.options_offered(i),
                          "say what was offered, or leave it out");
  }
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = SettleHandoff(draft, caller.time); !refused.ok()) return refused;
  auto& closed = *draft.Add().mutable_closed();
  closed.set_by(caller.id);
  closed.set_resolution_code(confirmed ? v1::RESOLUTION_CODE_CONFIRMED : v1::RESOLUTION_CODE_UNCONFIRMED);
  closed.set_reason(request.reason());
  *closed.mutable_options_offered() = request.options_offered();
  return draft.Take();
}

Ownership::Decision Ownership::Decide(const State& state, const ReopenCase& command, const runtime::Caller& caller) {
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "reason", command.request.reason(), "say why the case is opened again");
  if (!bad.empty()) return bad.ToStatus();
  if (!IsClosed(draft.state().status())) return Precondition("CASE_NOT_CLOSED", "the case is open: go on with it");
  auto& reopened = *draft.Add().mutable_reopened();
  reopened.set_by(caller.id);
  reopened.set_reason(command.request.reason());
  if (!command.gone.empty() && draft.state().owner() == command.gone) {
    Reassign(draft, command.above, caller.id, "the owner was deactivated", v1::REASSIGNMENT_CAUSE_OWNER_DEACTIVATED);
  }
  return draft.Take();
}

Ownership::Decision Ownership::Decide(const State& state, const RequestConfirmation& command, const runtime::Caller&) {
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  if (IsClosed(draft.state().status())) return Draft::Nothing();
  if (absl::c_linear_search(draft.state().confirmation_notice_ids(), command.request.notice_id())) {
    return Draft::Nothing();
  }
  *draft.Add().mutable_confirmation_requested() = command.request;
  return draft.Take();
}

}  // namespace throughline::ownership

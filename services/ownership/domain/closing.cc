// The rules of closing and reopening. A case that the customer has not confirmed as solved is closed as unconfirmed,
// with a reason and the options that the customer was offered.

#include "services/ownership/domain/draft.h"

namespace throughline::ownership {

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
  if (absl::Status refused = draft.RequireHeard(request.last_interaction_seen()); !refused.ok()) return refused;
  if (absl::Status refused = SettleHandoff(draft, caller.time); !refused.ok()) return refused;
  draft.EndWithCase("the case was closed", caller);
  auto& closed = *draft.Add().mutable_closed();
  closed.set_by(caller.id);
  closed.set_resolution_code(confirmed ? v1::RESOLUTION_CODE_CONFIRMED : v1::RESOLUTION_CODE_UNCONFIRMED);
  closed.set_reason(request.reason());
  *closed.mutable_options_offered() = request.options_offered();
  closed.set_last_interaction_seen(draft.state().last_inbound_interaction_id());
  return draft.Take();
}

Ownership::Decision Ownership::Decide(const State& state, const ReopenCase& command, const runtime::Caller& caller) {
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "reason", command.request.reason(), "say why the case is opened again");
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = draft.RequireNotMerged(); !refused.ok()) return refused;
  if (!IsClosed(draft.state().status())) return Precondition("CASE_NOT_CLOSED", "the case is open: go on with it");
  draft.Reopen(command.request.reason(), "", command.periods, caller);
  if (!command.gone.empty() && draft.state().owner() == command.gone) {
    Reassign(draft, command.above, caller.id, "the owner was deactivated", v1::REASSIGNMENT_CAUSE_OWNER_DEACTIVATED);
  }
  return draft.Take();
}

}  // namespace throughline::ownership

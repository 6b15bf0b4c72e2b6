// The rules of merging. Of two cases the older one goes on, so that merges in any order and direction end in one. The
// younger one's stream decides it; what is owed moves to the older one, and so does what reaches the younger one later.

#include "services/ownership/domain/draft.h"

namespace throughline::ownership {
namespace {

using runtime::Caller;

// What moves must fit into one commit.
constexpr size_t kMostMoved = 512 * 1024;

absl::Status RequireEitherOwner(const Draft& draft, const MergeCase& command, const Caller& caller) {
  const bool owns_other = caller.Is(common::v1::ROLE_REP) && caller.id == command.into_owner;
  return owns_other ? absl::OkStatus() : draft.RequireOwner(caller);
}

void HearMoved(Draft& draft, const AbsorbCase& command, const Caller& caller) {
  const v1::CaseMerged& merged = command.request;
  auto& noted = *draft.Add().mutable_interaction_noted();
  noted.set_interaction_id(merged.unanswered_interaction_id());
  noted.set_inbound(true);
  *noted.mutable_at() = merged.unanswered_since();
  noted.set_by(caller.id);
  noted.set_case_id(command.from_case_id);
  noted.set_latest(true);
  noted.set_customer_waits(true);
  draft.Advance();
  if (draft.state().status() == v1::CASE_STATUS_OPEN) return;
  auto& taken_back = *draft.Add().mutable_confirmation_taken_back();
  taken_back.set_interaction_id(merged.unanswered_interaction_id());
  taken_back.set_status(draft.state().status());
  draft.Advance();
}

// What waited for an answer waits on; what is owed is owed here.
void TakeOver(Draft& draft, const AbsorbCase& command, const Caller& caller) {
  const v1::CaseMerged& merged = command.request;
  const bool waits = !merged.unanswered_interaction_id().empty();
  if (waits) HearMoved(draft, command, caller);
  for (const v1::Commitment& moved : merged.moved()) {
    const auto& ledger = draft.state().ledger();
    const bool reply = moved.kind() == v1::COMMITMENT_KIND_REPLY;
    const bool known =
        FindOpen(ledger, moved.commitment_id()) != nullptr || FindSettled(ledger, moved.commitment_id()) != nullptr;
    if (known || (reply && (!waits || FindOpen(ledger, v1::COMMITMENT_KIND_REPLY) != nullptr))) continue;
    draft.Make(moved, caller.id);
  }
  if (waits) draft.MakeReply(caller.time + command.periods.reply_within, caller);
  if (merged.has_escalation() && !draft.state().has_escalation()) {
    const v1::CaseEscalated& came = merged.escalation();
    const google::protobuf::Timestamp due = came.has_due() ? came.due() : runtime::ToProto(caller.time);
    Escalate(draft, {came.to(), came.from(), came.reason(), v1::ESCALATION_CAUSE_CASE_MERGED, due}, caller);
  }
}

}  // namespace

Ownership::Decision Ownership::Decide(const State& state, const MergeCase& command, const Caller& caller) {
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "reason", command.request.reason(), "say why they are one case");
  if (command.opening.case_id() == command.into.case_id())
    bad.Add("other_case_id", "is the same case: name another one");
  if (command.opening.customer_id() != command.into.customer_id()) {
    bad.Add("other_case_id", "is another customer's case: only cases of one customer can be merged");
  }
  if (!bad.empty()) return bad.ToStatus();
  const auto& now = draft.state();
  if (absl::Status refused = RequireEitherOwner(draft, command, caller); !refused.ok()) return refused;
  if (command.one_already || now.merged_into_case_id() == command.into.case_id()) return Draft::Nothing();
  if (absl::Status refused = draft.RequireNotClosed(); !refused.ok()) return refused;
  if (now.has_handoff()) WithdrawOffer(draft, caller.id, "the case was merged");
  const v1::Commitment* update = FindOpen(now.ledger(), v1::COMMITMENT_KIND_NEXT_UPDATE);
  if (update != nullptr) {
    draft.Settle(SettleInTime(*update, v1::COMMITMENT_OUTCOME_WITHDRAWN,
                              {caller.id, "the case was merged", caller.time, now.owner()}));
  }
  v1::CaseMerged merged;
  if (now.has_escalation()) {
    *merged.mutable_escalation() = EscalationOf(now);
    EndEscalation(draft, "the case was merged", caller);
  }
  merged.set_into_case_id(command.into.case_id());
  merged.set_by(caller.id);
  merged.set_reason(command.request.reason());
  *merged.mutable_moved() = now.ledger().open();
  *merged.mutable_remedies() = now.remedies();
  *merged.mutable_granted() = now.granted();
  if (now.has_unanswered()) {
    merged.set_unanswered_interaction_id(now.unanswered().interaction_id());
    *merged.mutable_unanswered_since() = now.unanswered().since();
  }
  if (merged.ByteSizeLong() > kMostMoved) {
    return Precondition("TOO_MUCH_TO_MOVE",
                        "more is owed than can move at once: settle some promises or next actions first");
  }
  *draft.Add().mutable_merged() = std::move(merged);
  return draft.Take();
}

Ownership::Decision Ownership::Decide(const State& state, const AbsorbCase& command, const Caller& caller) {
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  const std::string into = draft.state().merged_into_case_id();
  if (draft.state().status() == v1::CASE_STATUS_CLOSED_MERGED) {  // all of it moves on
    auto& on = *draft.Add().mutable_merged();
    on = command.request;
    on.set_into_case_id(into);
    return draft.Take();
  }
  if (IsClosed(draft.state().status())) {
    draft.Reopen("case " + command.from_case_id + " was merged into it", "", command.periods, caller);
  }
  auto& absorbed = *draft.Add().mutable_absorbed();
  absorbed.set_from_case_id(command.from_case_id);
  absorbed.set_by(command.request.by());
  absorbed.set_reason(command.request.reason());
  *absorbed.mutable_remedies() = command.request.remedies();
  *absorbed.mutable_granted() = command.request.granted();
  draft.Advance();
  TakeOver(draft, command, caller);
  return draft.Take();
}

}  // namespace throughline::ownership

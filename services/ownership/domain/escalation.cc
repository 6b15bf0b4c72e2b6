// The rules of escalation: a case is raised to whoever stands above its owner, who stays the owner. It climbs until it
// is acknowledged, never to the same person twice, so that it ends at the top. Whoever acknowledged it decides.

#include <algorithm>

#include "absl/algorithm/container.h"

#include "libs/runtime/domain/ids.h"
#include "services/ownership/domain/draft.h"

namespace throughline::ownership {
namespace {

using runtime::Caller;

google::protobuf::Timestamp DueOf(const EscalationTerms& terms, uint32_t level) {
  const size_t index = std::min<size_t>(level, terms.acknowledge_by.size()) - 1;
  return runtime::ToProto(terms.acknowledge_by[index]);
}

// NOT_ESCALATED.
absl::Status RequireEscalation(const Draft& draft) {
  if (draft.state().has_escalation()) return absl::OkStatus();
  return Precondition("NOT_ESCALATED", "the case is not escalated, or that is settled: read it again");
}

// NOT_ESCALATED_TO_YOU unless it was raised to the caller, or they are another supervisor, who does not own the case.
absl::Status RequireAbove(const v1::OwnershipState& state, const Caller& caller) {
  const bool person = caller.Is(common::v1::ROLE_REP) || caller.Is(common::v1::ROLE_SUPERVISOR);
  if (person && caller.id == state.escalation().to()) return absl::OkStatus();
  if (caller.Is(common::v1::ROLE_SUPERVISOR) && caller.id != state.owner()) return absl::OkStatus();
  return runtime::WithMetadata(
      runtime::Refuse(absl::StatusCode::kPermissionDenied, "NOT_ESCALATED_TO_YOU",
                      "the case is escalated to `" + state.escalation().to() +
                          "`: they or another supervisor acknowledge and settle it, and never its owner"),
      "to", state.escalation().to());
}

// Ends the open commitment about the escalation, if there is one.
void SettleOpen(Draft& draft, v1::CommitmentOutcome outcome, const std::string& evidence, const Caller& caller) {
  const v1::Commitment* open = FindOpen(draft.state().ledger(), draft.state().escalation().commitment_id());
  if (open == nullptr) return;
  draft.Settle(SettleInTime(*open, outcome, {caller.id, evidence, caller.time, draft.state().owner()}));
}

void Owe(Draft& draft, v1::CommitmentKind kind, const std::string& what, const google::protobuf::Timestamp& due,
         const Caller& caller) {
  const auto& escalation = draft.state().escalation();
  v1::Commitment owed;
  owed.set_commitment_id(escalation.commitment_id());
  owed.set_kind(kind);
  owed.set_owed_by(escalation.to());
  owed.set_owed_to(draft.state().owner());
  owed.set_text(what + escalation.reason());
  *owed.mutable_due() = due;
  draft.Make(std::move(owed), caller.id);
}

}  // namespace

void Escalate(Draft& draft, const Level& level, const Caller& caller) {
  const auto& now = draft.state().escalation();
  const bool same = level.cause == v1::ESCALATION_CAUSE_PERSON_DEACTIVATED;
  auto& escalated = *draft.Add().mutable_escalated();
  escalated.set_escalation_id(now.level() > 0 ? now.escalation_id() : runtime::DerivedId(caller, "escalation"));
  escalated.set_level(now.level() + (same ? 0 : 1));
  escalated.set_to(level.to);
  escalated.set_from(level.from);
  escalated.set_by(caller.id);
  escalated.set_reason(level.reason);
  escalated.set_cause(level.cause);
  *escalated.mutable_due() = level.due;
  escalated.set_commitment_id(runtime::DerivedId(caller, "escalation/acknowledge"));
  escalated.set_owner(draft.state().owner());
  draft.Advance();
  Owe(draft, v1::COMMITMENT_KIND_ESCALATION, "Acknowledge the escalation: ", level.due, caller);
}

void EndEscalation(Draft& draft, const std::string& how, const Caller& caller) {
  SettleOpen(draft, v1::COMMITMENT_OUTCOME_WITHDRAWN, how, caller);
  const auto& escalation = draft.state().escalation();
  v1::EscalationSettled settled;
  settled.set_escalation_id(escalation.escalation_id());
  settled.set_by(caller.id);
  settled.set_decision(how);
  settled.set_level(escalation.level());
  settled.set_with_case(true);
  *draft.Add().mutable_escalation_settled() = std::move(settled);
  draft.Advance();
}

void RelieveEscalation(Draft& draft, const std::string& to, const std::string& reason, const EscalationTerms& terms,
                       const Caller& caller) {
  SettleOpen(draft, v1::COMMITMENT_OUTCOME_RETURNED, reason, caller);
  const auto& now = draft.state().escalation();
  Escalate(draft, {to, now.to(), reason, v1::ESCALATION_CAUSE_PERSON_DEACTIVATED, DueOf(terms, now.level())}, caller);
}

void EscalateBroken(Draft& draft, v1::CommitmentKind broken, const std::string& to, const EscalationTerms& terms,
                    const Caller& caller) {
  const auto& state = draft.state();
  if (broken == v1::COMMITMENT_KIND_ESCALATION && state.has_escalation()) {
    const auto& now = state.escalation();
    if (to.empty() || to == state.owner() || absl::c_linear_search(now.ladder(), to)) {
      v1::EscalationExhausted exhausted;
      exhausted.set_escalation_id(now.escalation_id());
      exhausted.set_level(now.level());
      exhausted.set_to(now.to());
      *draft.Add().mutable_escalation_exhausted() = std::move(exhausted);
      return draft.Advance();
    }
    const std::string reason = "`" + now.to() + "` did not acknowledge it in time";
    return Escalate(draft, {to, now.to(), reason, v1::ESCALATION_CAUSE_NOT_ACKNOWLEDGED, DueOf(terms, now.level() + 1)},
                    caller);
  }
  const uint32_t count = state.broken_since_escalation();
  const bool enough = terms.after_broken > 0 && count >= terms.after_broken;
  if (!enough || state.has_escalation() || IsClosed(state.status()) || to.empty() || to == state.owner()) return;
  Escalate(draft,
           {to, state.owner(), absl::StrCat(count, " commitments about the case were broken"),
            v1::ESCALATION_CAUSE_COMMITMENTS_BROKEN, DueOf(terms, 1)},
           caller);
}

v1::CaseEscalated EscalationOf(const v1::OwnershipState& state) {
  const auto& now = state.escalation();
  v1::CaseEscalated escalated;
  escalated.set_escalation_id(now.escalation_id());
  escalated.set_level(now.level());
  escalated.set_to(now.to());
  escalated.set_from(state.owner());
  escalated.set_reason(now.reason());
  escalated.set_cause(v1::ESCALATION_CAUSE_CASE_MERGED);
  escalated.set_owner(state.owner());
  if (const v1::Commitment* open = FindOpen(state.ledger(), now.commitment_id())) {
    *escalated.mutable_due() = open->due();
  } else if (const auto* settled = FindSettled(state.ledger(), now.commitment_id())) {
    *escalated.mutable_due() = settled->due();
  }
  return escalated;
}

Ownership::Decision Ownership::Decide(const State& state, const EscalateCase& command, const Caller& caller) {
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "reason", command.request.reason(), "say why the case needs somebody above its owner");
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = draft.RequireOwner(caller); !refused.ok()) return refused;
  if (absl::Status refused = draft.RequireNotClosed(); !refused.ok()) return refused;
  if (const State& now = draft.state(); now.has_escalation()) {
    return runtime::WithMetadata(
        Precondition("ALREADY_ESCALATED", "the case is escalated already, and is with `" + now.escalation().to() + "`"),
        "to", now.escalation().to());
  }
  if (command.above.empty() || command.above == draft.state().owner()) {
    return Precondition("NOBODY_ABOVE", "nobody stands above `" + draft.state().owner() +
                                            "`: let a supervisor set their availability, or name one in the settings");
  }
  Escalate(draft,
           {command.above, draft.state().owner(), command.request.reason(), v1::ESCALATION_CAUSE_PERSON,
            DueOf(command.terms, 1)},
           caller);
  return draft.Take();
}

Ownership::Decision Ownership::Decide(const State& state, const AcknowledgeEscalation& command, const Caller& caller) {
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  if (absl::Status refused = RequireEscalation(draft); !refused.ok()) return refused;
  if (absl::Status refused = RequireAbove(draft.state(), caller); !refused.ok()) return refused;
  const auto& now = draft.state().escalation();
  if (now.acknowledged()) {
    if (now.to() == caller.id) return Draft::Nothing();
    return Precondition("ALREADY_ACKNOWLEDGED", "`" + now.to() + "` has acknowledged it and decides");
  }
  SettleOpen(draft, v1::COMMITMENT_OUTCOME_KEPT, "acknowledged", caller);
  auto& acknowledged = *draft.Add().mutable_escalation_acknowledged();
  acknowledged.set_escalation_id(now.escalation_id());
  acknowledged.set_by(caller.id);
  acknowledged.set_level(now.level());
  *acknowledged.mutable_due() = runtime::ToProto(command.terms.decide_by);
  acknowledged.set_commitment_id(runtime::DerivedId(caller, "escalation/decide"));
  draft.Advance();
  Owe(draft, v1::COMMITMENT_KIND_ESCALATION_DECISION,
      "Decide about the escalation: ", runtime::ToProto(command.terms.decide_by), caller);
  return draft.Take();
}

Ownership::Decision Ownership::Decide(const State& state, const OnCase<v1::SettleEscalationRequest>& command,
                                      const Caller& caller) {
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "decision", command.request.decision(), "say what was decided");
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = RequireEscalation(draft); !refused.ok()) return refused;
  if (absl::Status refused = RequireAbove(draft.state(), caller); !refused.ok()) return refused;
  SettleOpen(draft, v1::COMMITMENT_OUTCOME_KEPT, command.request.decision(), caller);
  auto& settled = *draft.Add().mutable_escalation_settled();
  settled.set_escalation_id(draft.state().escalation().escalation_id());
  settled.set_by(caller.id);
  settled.set_decision(command.request.decision());
  settled.set_level(draft.state().escalation().level());
  return draft.Take();
}

}  // namespace throughline::ownership

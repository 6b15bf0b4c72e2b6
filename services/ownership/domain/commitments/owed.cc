// The rules of what is owed about a case: promises and other commitments, and work notes with next actions.

#include <set>

#include "libs/runtime/domain/ids.h"
#include "services/ownership/domain/draft.h"
#include "services/ownership/domain/remedies/remedy.h"

namespace throughline::ownership {
namespace {

using State = Ownership::State;
using Decision = Ownership::Decision;
using runtime::Caller;

constexpr Asked kPromise{"PROMISE", v1::COMMITMENT_KIND_PROMISE};
constexpr Asked kAny{};

// Whether the caller is who owes it, or owed it until it ended.
bool OwesIt(const v1::CommitmentLedger& ledger, const std::string& commitment_id, const Caller& caller) {
  const v1::Commitment* open = FindOpen(ledger, commitment_id);
  const auto* settled = FindSettled(ledger, commitment_id);
  const std::string owed_by = open != nullptr ? open->owed_by() : settled != nullptr ? settled->owed_by() : "";
  return !owed_by.empty() && owed_by == caller.id && caller.Is(common::v1::ROLE_REP);
}

// Whoever owns the case, whoever owes it, and supervisors settle a commitment.
absl::Status RequireOwing(const Draft& draft, const std::string& commitment_id, const Caller& caller) {
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  if (OwesIt(draft.state().ledger(), commitment_id, caller)) return absl::OkStatus();
  if (absl::Status refused = draft.RequireOwner(caller); !refused.ok()) return refused;
  return draft.RequireNotMerged();
}

// As RequireOwing; but what the owner asked of somebody is not theirs to change.
absl::Status RequireChanging(const Draft& draft, const std::string& commitment_id, const Caller& caller) {
  if (absl::Status refused = RequireOwing(draft, commitment_id, caller); !refused.ok()) return refused;
  const v1::Commitment* open = FindOpen(draft.state().ledger(), commitment_id);
  if (open == nullptr || !RulesOf(open->kind()).moved_by_owner || draft.RequireOwner(caller).ok()) {
    return absl::OkStatus();
  }
  return Precondition("COMMITMENT_NOT_YOURS", "`" + draft.state().owner() +
                                                  "` asked you for it and alone changes it: do it (KeepCommitment), or "
                                                  "hand it back (HandBackHelp)");
}

Settling By(const Draft& draft, const Caller& caller, const std::string& evidence) {
  return {caller.id, evidence, caller.time, draft.state().owner()};
}

// A reply that is broken stays so, but the customer still waits for it.
bool IsLateReply(const State& state, const std::string& commitment_id) {
  const auto* settled = FindSettled(state.ledger(), commitment_id);
  return state.has_unanswered() && settled != nullptr && settled->kind() == v1::COMMITMENT_KIND_REPLY &&
         settled->outcome() == v1::COMMITMENT_OUTCOME_BROKEN &&
         FindOpen(state.ledger(), v1::COMMITMENT_KIND_REPLY) == nullptr;
}

// Whether we said in time what is owed, and the reaction that settles it is still to come: after an outage timers may
// run before it.
bool IsToldInTime(const State& state, const v1::Commitment& open, const v1::InteractionNoted& told) {
  const bool answers = told.case_version() > state.last_inbound_version();
  if (told.case_version() <= state.last_outbound_version() ||
      runtime::FromProto(told.at()) > runtime::FromProto(open.due())) {
    return false;
  }
  return open.kind() == v1::COMMITMENT_KIND_NEXT_UPDATE || (open.kind() == v1::COMMITMENT_KIND_REPLY && answers);
}

Decision Keep(Draft& draft, const std::string& commitment_id, const Asked& asked, const std::string& evidence,
              const Periods& periods, const Caller& caller) {
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "evidence", evidence, "say how it was kept");
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = RequireOwing(draft, commitment_id, caller); !refused.ok()) return refused;
  const auto acknowledge = [&] {  // what the customer said is dealt with, too
    auto& acknowledged = *draft.Add().mutable_interaction_acknowledged();
    acknowledged.set_interaction_id(draft.state().last_inbound_interaction_id());
    acknowledged.set_by(caller.id);
    acknowledged.set_reason(evidence);
  };
  if (IsLateReply(draft.state(), commitment_id) && asked.kind == v1::COMMITMENT_KIND_UNSPECIFIED) {
    acknowledge();
    return draft.Take();
  }
  auto kept = KeepCommitment(draft.state().ledger(), commitment_id, asked, By(draft, caller, evidence));
  if (!kept.ok()) return kept.status();
  if (!*kept) return Draft::Nothing();
  const v1::CommitmentKind kind = (*kept)->kind();
  if (kind == v1::COMMITMENT_KIND_REPLY) acknowledge();
  draft.Settle(**std::move(kept));
  if (kind == v1::COMMITMENT_KIND_NEXT_UPDATE) {
    draft.MakeNextUpdate(caller, caller.time + periods.next_update_within, commitment_id);
  }
  return draft.Take();
}

template <typename Request>
Decision Renegotiate(Draft& draft, const std::string& commitment_id, const Asked& asked, const OnCase<Request>& command,
                     const Caller& caller) {
  const Request& request = command.request;
  const std::string& reason = request.reason();
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "reason", reason, "say why, as the one to whom it is owed was told");
  const auto new_due = runtime::RequireDue(
      bad, {"new_due", request.has_new_due(), request.new_due(), request.new_due_in()}, command.meant, caller.time);
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = RequireChanging(draft, commitment_id, caller); !refused.ok()) return refused;
  auto renegotiated = RenegotiateCommitment(draft.state().ledger(), commitment_id, asked, runtime::FromProto(new_due),
                                            reason, caller.id, caller.time);
  if (!renegotiated.ok()) return renegotiated.status();
  *draft.Add().mutable_commitment_renegotiated() = *std::move(renegotiated);
  return draft.Take();
}

// Returns when the next action is due.
google::protobuf::Timestamp CheckNote(const OnCase<v1::AddWorkNoteRequest>& command, const Caller& caller,
                                      runtime::FieldViolations& bad) {
  const auto& request = command.request;
  const runtime::GivenDue due{"next_action_due", request.has_next_action_due(), request.next_action_due(),
                              request.next_action_due_in()};
  runtime::RequireField(bad, "text", request.text(), "say what was done");
  if (request.has_waiting_on()) {
    runtime::RequireField(bad, "waiting_on", request.waiting_on(), "say whom the case waits for, or leave it out");
    if (!request.has_next_action()) {
      bad.Add("next_action", "is not set: waiting for somebody needs our own next action; say what we do and when");
    }
  }
  if (request.has_next_action()) {
    runtime::RequireField(bad, "next_action", request.next_action(), "say what we do next, or leave it out");
    return runtime::RequireDue(bad, due, command.meant, caller.time);
  }
  if (due.given()) bad.Add("next_action", "is not set, but its due time is: say what we do by then");
  return {};
}

// The next actions that a note reports as done. One that was broken meanwhile stays broken.
absl::Status SettleDone(Draft& draft, const v1::AddWorkNoteRequest& request, const Caller& caller) {
  const std::set<std::string> done(request.done_commitment_ids().begin(), request.done_commitment_ids().end());
  if (done.empty()) return absl::OkStatus();
  if (absl::Status refused = draft.RequireOwner(caller); !refused.ok()) return refused;
  for (const std::string& id : done) {
    const v1::Commitment* open = FindOpen(draft.state().ledger(), id);
    const auto* settled = FindSettled(draft.state().ledger(), id);
    const v1::CommitmentKind kind = open != nullptr      ? open->kind()
                                    : settled != nullptr ? settled->kind()
                                                         : v1::COMMITMENT_KIND_UNSPECIFIED;
    if (kind != v1::COMMITMENT_KIND_NEXT_ACTION) {
      return runtime::Refuse(absl::StatusCode::kNotFound, "COMMITMENT_UNKNOWN",
                             "the case has no next action `" + id + "`: check the id; GetOwnership lists them");
    }
    if (open == nullptr) continue;
    draft.Settle(SettleInTime(*open, v1::COMMITMENT_OUTCOME_KEPT, By(draft, caller, request.text())));
  }
  return absl::OkStatus();
}

}  // namespace

Decision Ownership::Decide(const State& state, const OnCase<v1::MakePromiseRequest>& command, const Caller& caller) {
  const auto& request = command.request;
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "text", request.text(), "say what is promised, in the words that the customer heard");
  const auto due =
      runtime::RequireDue(bad, {"due", request.has_due(), request.due(), request.due_in()}, command.meant, caller.time);
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = draft.RequireOwner(caller); !refused.ok()) return refused;
  if (absl::Status refused = draft.RequireNotClosed(); !refused.ok()) return refused;
  if (absl::Status refused = RequireRoom(draft.state().ledger(), v1::COMMITMENT_KIND_PROMISE); !refused.ok()) {
    return refused;
  }
  v1::Commitment promise;
  promise.set_commitment_id(runtime::DerivedId(caller, "promise"));
  promise.set_kind(v1::COMMITMENT_KIND_PROMISE);
  promise.set_owed_to(request.to().empty() ? draft.opening().customer_id() : request.to());
  promise.set_text(request.text());
  *promise.mutable_due() = due;
  draft.Make(std::move(promise), caller.id);
  return draft.Take();
}

Decision Ownership::Decide(const State& state, const OnCase<v1::KeepPromiseRequest>& command, const Caller& caller) {
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  const auto& request = command.request;
  return Keep(draft, request.promise_id(), kPromise, request.evidence(), command.periods, caller);
}

Decision Ownership::Decide(const State& state, const OnCase<v1::KeepCommitmentRequest>& command, const Caller& caller) {
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  const auto& request = command.request;
  return Keep(draft, request.commitment_id(), kAny, request.evidence(), command.periods, caller);
}

Decision Ownership::Decide(const State& state, const OnCase<v1::RenegotiatePromiseRequest>& command,
                           const Caller& caller) {
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  const auto& request = command.request;
  return Renegotiate(draft, request.promise_id(), kPromise, command, caller);
}

Decision Ownership::Decide(const State& state, const OnCase<v1::RenegotiateCommitmentRequest>& command,
                           const Caller& caller) {
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  const auto& request = command.request;
  return Renegotiate(draft, request.commitment_id(), kAny, command, caller);
}

Decision Ownership::Decide(const State& state, const OnCase<v1::WithdrawCommitmentRequest>& command,
                           const Caller& caller) {
  const auto& request = command.request;
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "reason", request.reason(), "say why, as the one to whom it is owed was told");
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = RequireChanging(draft, request.commitment_id(), caller); !refused.ok()) return refused;
  auto withdrawn =
      WithdrawCommitment(draft.state().ledger(), request.commitment_id(), kAny, By(draft, caller, request.reason()));
  if (!withdrawn.ok()) return withdrawn.status();
  if (!*withdrawn) return Draft::Nothing();
  draft.Settle(**std::move(withdrawn));
  return draft.Take();
}

Decision Ownership::Decide(const State& state, const CommitmentDue& command, const Caller& caller) {
  Draft draft(state, command.opening);
  const std::string& id = command.request.commitment_id();
  const v1::Commitment* open = FindOpen(draft.state().ledger(), id);
  if (open != nullptr && IsToldInTime(draft.state(), *open, command.told)) return Draft::Nothing();
  auto broken = BreakCommitment(draft.state().ledger(), id, By(draft, caller, ""), command.request.above());
  if (!broken) return Draft::Nothing();
  const v1::Commitment due = *open;
  draft.Settle(*std::move(broken));
  if (due.kind() == v1::COMMITMENT_KIND_NEXT_UPDATE) {
    draft.MakeNextUpdate(caller, caller.time + command.periods.next_update_within, id);
  } else if (due.kind() == v1::COMMITMENT_KIND_APPROVAL) {
    PassUp(draft, due, command.approver, command.approval_due, "it was not decided in time", caller);
  } else if (due.kind() == v1::COMMITMENT_KIND_COUNTER_OFFER_ANSWER) {
    const v1::Remedy* offered = FindRemedy(draft.state().remedies(), due.remedy_id());
    if (offered != nullptr && offered->status() == v1::REMEDY_STATUS_COUNTERED) {
      const v1::Remedy remedy = *offered;
      EndRemedy(draft, remedy, "the counter-offer was not answered in time", caller);
    }
  }
  EscalateBroken(draft, due.kind(), command.escalate_to, command.terms, caller);
  return draft.Take();
}

Decision Ownership::Decide(const State& state, const OnCase<v1::AddWorkNoteRequest>& command, const Caller& caller) {
  const auto& request = command.request;
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  runtime::FieldViolations bad;
  const auto due = CheckNote(command, caller, bad);
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = draft.RequireNotClosed(); !refused.ok()) return refused;
  auto& added = *draft.Add().mutable_work_note_added();
  added.set_by(caller.id);
  added.set_text(request.text());
  if (request.has_waiting_on()) added.set_waiting_on(request.waiting_on());
  *added.mutable_done_commitment_ids() = request.done_commitment_ids();
  v1::Commitment next;
  if (request.has_next_action()) {
    next.set_commitment_id(runtime::DerivedId(caller, "next-action"));
    next.set_kind(v1::COMMITMENT_KIND_NEXT_ACTION);
    next.set_owed_to(draft.opening().customer_id());
    next.set_text(request.next_action());
    *next.mutable_due() = due;
    added.set_next_action(next.text());
    *added.mutable_next_action_due() = next.due();
    added.set_next_action_commitment_id(next.commitment_id());
  }
  if (absl::Status refused = SettleDone(draft, request, caller); !refused.ok()) return refused;
  if (request.has_next_action()) {
    if (absl::Status refused = RequireRoom(draft.state().ledger(), next.kind()); !refused.ok()) return refused;
    draft.Make(std::move(next), caller.id);
  }
  return draft.Take();
}

Decision Ownership::Decide(const State& state, const AttachAlert& command, const Caller& caller) {
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  v1::Commitment next = command.request;
  next.set_commitment_id(runtime::DerivedId(caller, "alert"));
  next.set_kind(v1::COMMITMENT_KIND_NEXT_ACTION);
  next.set_owed_to(draft.opening().customer_id());
  *next.mutable_due() = runtime::ToProto(caller.time + command.periods.reply_within);
  if (draft.state().status() == v1::CASE_STATUS_CLOSED_MERGED) {
    auto& moves = *draft.Add().mutable_merged();
    moves.set_into_case_id(draft.state().merged_into_case_id());
    moves.set_by(caller.id);
    moves.set_reason("an alert was attached to the merged case");
    *moves.add_moved() = std::move(next);
    return draft.Take();
  }
  for (const auto& open : draft.state().ledger().open()) {
    if (open.kind() == next.kind() && open.text() == next.text()) return Draft::Nothing();
  }
  if (IsClosed(draft.state().status())) draft.Reopen(next.text(), "", command.periods, caller);
  draft.Make(std::move(next), caller.id);
  return draft.Take();
}

}  // namespace throughline::ownership

#include "services/ownership/domain/commitments/commitment.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"

namespace throughline::ownership {
namespace {

using runtime::FromProto;

absl::Status Refused(const Asked& asked, absl::string_view what, absl::string_view text) {
  return runtime::Refuse(absl::StatusCode::kFailedPrecondition, absl::StrCat(asked.prefix, what), text);
}

std::string NameOf(const Asked& asked) { return absl::AsciiStrToLower(asked.prefix); }

absl::Status Broken(const Asked& asked, const google::protobuf::Timestamp& due) {
  return Refused(
      asked, "_BROKEN",
      absl::StrCat("its due time ", absl::FormatTime(FromProto(due), absl::UTCTimeZone()), " has passed, so the ",
                   NameOf(asked),
                   " is broken and stays broken: record further work with AddWorkNote, or make a new promise"));
}

// Why one that is not open cannot be settled as `wanted`. OK: it was settled so already.
absl::Status RequireSettledAs(const v1::CommitmentLedger& ledger, const std::string& commitment_id, const Asked& asked,
                              v1::CommitmentOutcome wanted) {
  const auto* settled = FindSettled(ledger, commitment_id);
  if (settled == nullptr || (asked.kind != v1::COMMITMENT_KIND_UNSPECIFIED && settled->kind() != asked.kind)) {
    return runtime::Refuse(absl::StatusCode::kNotFound, absl::StrCat(asked.prefix, "_UNKNOWN"),
                           absl::StrCat("the case has no such ", NameOf(asked),
                                        ": check the id; GetOwnership lists them, the history has all"));
  }
  if (settled->outcome() == wanted) return absl::OkStatus();
  switch (settled->outcome()) {
    case v1::COMMITMENT_OUTCOME_KEPT:
      return Refused(asked, "_KEPT",
                     absl::StrCat("the ", NameOf(asked), " was kept: make a new one if there is more to do"));
    case v1::COMMITMENT_OUTCOME_WITHDRAWN:
      return Refused(asked, "_WITHDRAWN", absl::StrCat("the ", NameOf(asked), " was withdrawn: make a new one"));
    case v1::COMMITMENT_OUTCOME_RETURNED:
      return Refused(asked, "_RETURNED",
                     absl::StrCat("the ", NameOf(asked), " was handed back to the owner: ask somebody again"));
    default:
      return Broken(asked, settled->due());
  }
}

const v1::Commitment* FindAsked(const v1::CommitmentLedger& ledger, const std::string& commitment_id,
                                const Asked& asked) {
  const v1::Commitment* open = FindOpen(ledger, commitment_id);
  return open != nullptr && (asked.kind == v1::COMMITMENT_KIND_UNSPECIFIED || open->kind() == asked.kind) ? open
                                                                                                          : nullptr;
}

v1::CommitmentSettled Settle(const v1::Commitment& commitment, v1::CommitmentOutcome outcome, const Settling& how) {
  v1::CommitmentSettled settled;
  settled.set_commitment_id(commitment.commitment_id());
  settled.set_kind(commitment.kind());
  settled.set_outcome(outcome);
  settled.set_by(how.by);
  if (outcome != v1::COMMITMENT_OUTCOME_BROKEN) settled.set_evidence(how.evidence);
  *settled.mutable_due() = commitment.due();
  settled.set_owed_by(commitment.owed_by().empty() ? how.owner : commitment.owed_by());
  return settled;
}

v1::CommitmentSettled OldSettled(const std::string& promise_id, v1::CommitmentOutcome outcome) {
  v1::CommitmentSettled settled;
  settled.set_commitment_id(promise_id);
  settled.set_kind(v1::COMMITMENT_KIND_PROMISE);
  settled.set_outcome(outcome);
  return settled;
}

}  // namespace

const CommitmentRules& RulesOf(v1::CommitmentKind kind) {
  static constexpr CommitmentRules kPromise{"promise", true, false};
  static constexpr CommitmentRules kNextAction{"next action", true, true};
  static constexpr CommitmentRules kHelp{"help", true, true, true};
  static constexpr CommitmentRules kNextUpdate{
      "next update", false, true, false,
      "the customer always has a next update to expect: agree another time with RenegotiateCommitment"};
  static constexpr CommitmentRules kReply{
      "reply", false, true, false, "the customer waits for an answer: answer them, or acknowledge what they said"};
  static constexpr char kAcknowledge[] = "an escalation is acknowledged with AcknowledgeEscalation";
  static constexpr CommitmentRules kEscalation{"escalation", false, true, false, kAcknowledge, kAcknowledge};
  static constexpr char kDecide[] = "an escalation is decided with SettleEscalation";
  static constexpr CommitmentRules kEscalationDecision{"escalation decision", false, true, false, kDecide, kDecide};
  static constexpr char kDecideRemedy[] =
      "decide about the remedy instead: ApproveRemedy, DeclineRemedy or CounterRemedy; or its owner gives it up with "
      "WithdrawRemedy";
  static constexpr CommitmentRules kApproval{"approval", false, true, false, kDecideRemedy, kDecideRemedy};
  static constexpr char kAnswerOffer[] =
      "say whether the customer takes the remedy that is offered (AnswerCounterOffer), or give it up (WithdrawRemedy)";
  static constexpr CommitmentRules kCounterOffer{"counter-offer", false, true, false, kAnswerOffer, kAnswerOffer};
  static constexpr CommitmentRules kOther{"commitment", true, true};
  switch (kind) {
    case v1::COMMITMENT_KIND_PROMISE:
      return kPromise;
    case v1::COMMITMENT_KIND_NEXT_ACTION:
      return kNextAction;
    case v1::COMMITMENT_KIND_HELP:
      return kHelp;
    case v1::COMMITMENT_KIND_NEXT_UPDATE:
      return kNextUpdate;
    case v1::COMMITMENT_KIND_REPLY:
      return kReply;
    case v1::COMMITMENT_KIND_ESCALATION:
      return kEscalation;
    case v1::COMMITMENT_KIND_ESCALATION_DECISION:
      return kEscalationDecision;
    case v1::COMMITMENT_KIND_APPROVAL:
      return kApproval;
    case v1::COMMITMENT_KIND_COUNTER_OFFER_ANSWER:
      return kCounterOffer;
    default:
      return kOther;
  }
}

bool IsEscalation(v1::CommitmentKind kind) {
  return kind == v1::COMMITMENT_KIND_ESCALATION || kind == v1::COMMITMENT_KIND_ESCALATION_DECISION;
}

v1::Commitment OpeningUpdate(const v1::OwnershipStarted& opening) {
  v1::Commitment update;
  update.set_commitment_id(opening.case_id());
  update.set_kind(v1::COMMITMENT_KIND_NEXT_UPDATE);
  update.set_owed_to(opening.customer_id());
  update.set_text(kNextUpdateText);
  *update.mutable_due() = opening.has_next_update_due()
                              ? opening.next_update_due()
                              : runtime::ToProto(FromProto(opening.opened_at()) + kFirstUpdateWithin);
  return update;
}

const v1::Commitment* FindOpen(const v1::CommitmentLedger& ledger, v1::CommitmentKind kind) {
  const auto found = absl::c_find_if(ledger.open(), [&](const auto& one) { return one.kind() == kind; });
  return found == ledger.open().end() ? nullptr : &*found;
}

const v1::Commitment* FindOpen(const v1::CommitmentLedger& ledger, const std::string& commitment_id) {
  const auto found =
      absl::c_find_if(ledger.open(), [&](const auto& one) { return one.commitment_id() == commitment_id; });
  return found == ledger.open().end() ? nullptr : &*found;
}

const v1::CommitmentLedger::Settled* FindSettled(const v1::CommitmentLedger& ledger, const std::string& commitment_id) {
  const auto found =
      absl::c_find_if(ledger.settled(), [&](const auto& one) { return one.commitment_id() == commitment_id; });
  return found == ledger.settled().end() ? nullptr : &*found;
}

absl::Status RequireRoom(const v1::CommitmentLedger& ledger, v1::CommitmentKind kind) {
  const auto counts = [](const v1::Commitment& one) { return RulesOf(one.kind()).made_by_people; };
  if (absl::c_count_if(ledger.open(), counts) < kMaxOpenCommitments) return absl::OkStatus();
  const bool promise = kind == v1::COMMITMENT_KIND_PROMISE;
  return runtime::Refuse(
      absl::StatusCode::kFailedPrecondition, promise ? "TOO_MANY_PROMISES" : "TOO_MANY_COMMITMENTS",
      absl::StrCat("the case has ", kMaxOpenCommitments,
                   " open promises, next actions and requests for help: settle one before you make a new one"));
}

absl::StatusOr<std::optional<v1::CommitmentSettled>> KeepCommitment(const v1::CommitmentLedger& ledger,
                                                                    const std::string& commitment_id,
                                                                    const Asked& asked, const Settling& how) {
  const v1::Commitment* open = FindAsked(ledger, commitment_id, asked);
  if (open == nullptr) {
    absl::Status refused = RequireSettledAs(ledger, commitment_id, asked, v1::COMMITMENT_OUTCOME_KEPT);
    if (!refused.ok()) return refused;
    return std::nullopt;
  }
  if (const char* why = RulesOf(open->kind()).not_kept) return Refused(asked, "_NEEDED", why);
  if (how.now > FromProto(open->due())) return Broken(asked, open->due());
  return Settle(*open, v1::COMMITMENT_OUTCOME_KEPT, how);
}

absl::StatusOr<std::optional<v1::CommitmentSettled>> WithdrawCommitment(const v1::CommitmentLedger& ledger,
                                                                        const std::string& commitment_id,
                                                                        const Asked& asked, const Settling& how) {
  const v1::Commitment* open = FindAsked(ledger, commitment_id, asked);
  if (open == nullptr) {
    absl::Status refused = RequireSettledAs(ledger, commitment_id, asked, v1::COMMITMENT_OUTCOME_WITHDRAWN);
    if (!refused.ok()) return refused;
    return std::nullopt;
  }
  if (const char* why = RulesOf(open->kind()).not_withdrawn) return Refused(asked, "_NEEDED", why);
  if (how.now >= FromProto(open->due())) return Broken(asked, open->due());
  return Settle(*open, v1::COMMITMENT_OUTCOME_WITHDRAWN, how);
}

absl::StatusOr<std::optional<v1::CommitmentSettled>> HandBackCommitment(const v1::CommitmentLedger& ledger,
                                                                        const std::string& commitment_id,
                                                                        const Asked& asked, const Settling& how) {
  const v1::Commitment* open = FindAsked(ledger, commitment_id, asked);
  if (open == nullptr) {
    absl::Status refused = RequireSettledAs(ledger, commitment_id, asked, v1::COMMITMENT_OUTCOME_RETURNED);
    if (!refused.ok()) return refused;
    return std::nullopt;
  }
  if (how.now >= FromProto(open->due())) return Broken(asked, open->due());
  return Settle(*open, v1::COMMITMENT_OUTCOME_RETURNED, how);
}

absl::StatusOr<v1::CommitmentRenegotiated> RenegotiateCommitment(const v1::CommitmentLedger& ledger,
                                                                 const std::string& commitment_id, const Asked& asked,
                                                                 absl::Time new_due, const std::string& reason,
                                                                 const std::string& by, absl::Time now) {
  const v1::Commitment* open = FindAsked(ledger, commitment_id, asked);
  if (open == nullptr) {
    return RequireSettledAs(ledger, commitment_id, asked, v1::COMMITMENT_OUTCOME_UNSPECIFIED);
  }
  if (const char* why = RulesOf(open->kind()).not_kept) return Refused(asked, "_NEEDED", why);
  // Exactly at its due time it can be kept, but not renegotiated.
  if (now >= FromProto(open->due())) return Broken(asked, open->due());
  v1::CommitmentRenegotiated renegotiated;
  renegotiated.set_commitment_id(commitment_id);
  renegotiated.set_by(by);
  *renegotiated.mutable_old_due() = open->due();
  *renegotiated.mutable_new_due() = runtime::ToProto(new_due);
  renegotiated.set_reason(reason);
  return renegotiated;
}

std::optional<v1::CommitmentSettled> BreakCommitment(const v1::CommitmentLedger& ledger,
                                                     const std::string& commitment_id, const Settling& how,
                                                     const std::string& above) {
  const v1::Commitment* open = FindOpen(ledger, commitment_id);
  if (open == nullptr || how.now < FromProto(open->due())) return std::nullopt;
  auto broken = Settle(*open, v1::COMMITMENT_OUTCOME_BROKEN, how);
  broken.set_above(above);
  return broken;
}

v1::CommitmentSettled SettleInTime(const v1::Commitment& commitment, v1::CommitmentOutcome outcome,
                                   const Settling& how) {
  // Exactly at its due time it can be kept, but not withdrawn.
  const absl::Time due = FromProto(commitment.due());
  const bool passed = outcome == v1::COMMITMENT_OUTCOME_KEPT ? how.now > due : how.now >= due;
  return Settle(commitment, passed ? v1::COMMITMENT_OUTCOME_BROKEN : outcome, how);
}

void Apply(v1::CommitmentLedger& ledger, const v1::CommitmentMade& made) { *ledger.add_open() = made.commitment(); }

void Apply(v1::CommitmentLedger& ledger, const v1::CommitmentRenegotiated& renegotiated) {
  for (auto& open : *ledger.mutable_open()) {
    if (open.commitment_id() == renegotiated.commitment_id()) *open.mutable_due() = renegotiated.new_due();
  }
}

void Apply(v1::CommitmentLedger& ledger, const v1::CommitmentSettled& settled) {
  auto& open = *ledger.mutable_open();
  const auto found =
      absl::c_find_if(open, [&](const auto& one) { return one.commitment_id() == settled.commitment_id(); });
  if (found == open.end()) return;
  auto& row = *ledger.add_settled();
  row.set_commitment_id(found->commitment_id());
  row.set_kind(found->kind());
  row.set_outcome(settled.outcome());
  *row.mutable_due() = found->due();
  row.set_owed_by(found->owed_by());
  open.erase(found);
  if (ledger.settled_size() > kSettledCommitments) {
    ledger.mutable_settled()->DeleteSubrange(0, ledger.settled_size() - kSettledCommitments);
  }
}

v1::CommitmentMade AsMade(const v1::PromiseMade& made) {
  v1::CommitmentMade now;
  now.mutable_commitment()->set_commitment_id(made.promise_id());
  now.mutable_commitment()->set_kind(v1::COMMITMENT_KIND_PROMISE);
  now.mutable_commitment()->set_owed_to(made.to());
  now.mutable_commitment()->set_text(made.text());
  *now.mutable_commitment()->mutable_due() = made.due();
  now.set_by(made.made_by());
  return now;
}

v1::CommitmentSettled AsSettled(const v1::PromiseKept& kept) {
  v1::CommitmentSettled now = OldSettled(kept.promise_id(), v1::COMMITMENT_OUTCOME_KEPT);
  now.set_by(kept.by());
  now.set_evidence(kept.evidence());
  return now;
}

v1::CommitmentSettled AsSettled(const v1::PromiseBroken& broken) {
  v1::CommitmentSettled now = OldSettled(broken.promise_id(), v1::COMMITMENT_OUTCOME_BROKEN);
  *now.mutable_due() = broken.due();
  now.set_owed_by(broken.owner());
  now.set_above(broken.supervisor());
  return now;
}

v1::CommitmentRenegotiated AsRenegotiated(const v1::PromiseRenegotiated& renegotiated) {
  v1::CommitmentRenegotiated now;
  now.set_commitment_id(renegotiated.promise_id());
  now.set_by(renegotiated.by());
  *now.mutable_old_due() = renegotiated.old_due();
  *now.mutable_new_due() = renegotiated.new_due();
  now.set_reason(renegotiated.reason());
  return now;
}

}  // namespace throughline::ownership

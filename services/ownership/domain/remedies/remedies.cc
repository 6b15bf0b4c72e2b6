// The rules of asking for remedies and deciding about them: a supervisor is asked, declines or passes it up, the
// customer answers another offer, and it is given up. Grants, approvals and other offers, for which authority is
// reserved first, are in remedy_orders.cc; the rules of payment are in payments.cc.

#include "absl/algorithm/container.h"

#include "libs/money/money.h"
#include "libs/runtime/domain/ids.h"
#include "services/ownership/domain/draft.h"
#include "services/ownership/domain/remedies/remedy.h"
#include "services/ownership/domain/remedies/remedy_rules.h"

namespace throughline::ownership {
namespace {

using State = Ownership::State;
using Decision = Ownership::Decision;
using runtime::Caller;
using runtime::ToProto;

absl::Status Decided(const v1::Remedy& remedy) {
  return Precondition("REMEDY_DECIDED",
                      absl::StrCat("it is not open any more: it is ",
                                   absl::AsciiStrToLower(v1::RemedyStatus_Name(remedy.status()).substr(14)),
                                   remedy.decided_by().empty() ? "" : " by `" + remedy.decided_by() + "`"));
}

void CheckAmount(const common::v1::Money& amount, runtime::FieldViolations& bad) {
  if (amount.currency().empty()) {
    bad.Add("amount", "is not set: say how much, and in which currency");
    return;
  }
  if (!money::DigitsOf(amount.currency())) bad.Add("amount.currency", "is no currency: give its ISO 4217 code");
  if (amount.minor_units() <= 0) bad.Add("amount.minor_units", "is not more than zero: say how much");
}

}  // namespace

std::string WordsOf(v1::RemedyKind kind, const common::v1::Money& amount) {
  const char* word = kind == v1::REMEDY_KIND_CREDIT        ? "a credit"
                     : kind == v1::REMEDY_KIND_REPLACEMENT ? "a replacement"
                     : kind == v1::REMEDY_KIND_WAIVED_FEE  ? "a waived fee"
                                                           : "a refund";
  return absl::StrCat(word, " of ", money::MoneyText(amount));
}

absl::Status RequireRoom(const State& state) {
  const auto under_way =
      absl::c_count_if(state.remedies(), [](const v1::Remedy& one) { return !IsFinal(one.status()); });
  if (under_way < kMostRemedies) return absl::OkStatus();
  return Precondition("TOO_MANY_REMEDIES", absl::StrCat("the case has ", kMostRemedies,
                                                        " remedies that are asked for or to be paid: wait for these"));
}

absl::Status RequireRoomInCase(const State& state, const common::v1::Money& amount, const v1::RemedyLimits& limits) {
  const int64_t left = LeftOf(limits.per_case(), AmountIn(state.granted(), amount.currency()));
  return amount.minor_units() <= left ? absl::OkStatus() : AboveAuthority("case", money::Of(amount.currency(), left));
}

absl::Status RemedyUnknown() {
  return runtime::Refuse(absl::StatusCode::kNotFound, "REMEDY_UNKNOWN",
                         "the case has no such remedy: check the id; GetOwnership lists them, the history has all");
}

absl::Status RequireDeciding(const v1::Remedy& remedy, const Caller& decider) {
  if (remedy.asked_by() == decider.id) {
    return runtime::Refuse(absl::StatusCode::kPermissionDenied, "OWN_REQUEST",
                           "you asked for it yourself: another supervisor decides");
  }
  return remedy.status() == v1::REMEDY_STATUS_REQUESTED ? absl::OkStatus() : Decided(remedy);
}

void SettleAbout(Draft& draft, const std::string& remedy_id, v1::CommitmentOutcome outcome, const std::string& evidence,
                 const std::string& by, absl::Time now) {
  const v1::CommitmentLedger ledger = draft.state().ledger();
  for (const v1::Commitment& open : ledger.open()) {
    if (open.remedy_id() != remedy_id) continue;
    draft.Settle(SettleInTime(open, outcome, {by, evidence, now, draft.state().owner()}));
  }
}

absl::Status CheckRemedy(v1::RemedyKind kind, const common::v1::Money& amount, const std::string& reason) {
  runtime::FieldViolations bad;
  if (kind == v1::REMEDY_KIND_UNSPECIFIED) bad.Add("kind", "is not set: say what the customer gets");
  CheckAmount(amount, bad);
  runtime::RequireField(bad, "reason", reason, "say why the customer gets it");
  return bad.empty() ? absl::OkStatus() : bad.ToStatus();
}

Decision Ownership::Decide(const State& state, const RequestRemedy& command, const Caller& caller) {
  const auto& request = command.request;
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  if (absl::Status refused = CheckRemedy(request.kind(), request.amount(), request.reason()); !refused.ok()) {
    return refused;
  }
  if (absl::Status refused = draft.RequireOwner(caller); !refused.ok()) return refused;
  if (absl::Status refused = draft.RequireNotClosed(); !refused.ok()) return refused;
  if (absl::Status refused = RequireRoom(draft.state()); !refused.ok()) return refused;
  if (command.approver.empty() || command.approver == caller.id) {
    return Precondition("NOBODY_ABOVE", "no other supervisor is here who could decide: let one be added");
  }
  v1::Commitment approval;
  approval.set_commitment_id(runtime::DerivedId(caller, "approval"));
  approval.set_kind(v1::COMMITMENT_KIND_APPROVAL);
  approval.set_owed_by(command.approver);
  approval.set_owed_to(caller.id);
  approval.set_text(absl::StrCat("Decide about ", WordsOf(request.kind(), request.amount()), ": ", request.reason()));
  *approval.mutable_due() = ToProto(command.due);
  approval.set_remedy_id(runtime::DerivedId(caller, "remedy"));
  auto& requested = *draft.Add().mutable_remedy_requested();
  requested.set_remedy_id(approval.remedy_id());
  requested.set_kind(request.kind());
  *requested.mutable_amount() = request.amount();
  requested.set_reason(request.reason());
  requested.set_by(caller.id);
  *requested.mutable_at() = ToProto(caller.time);
  requested.set_customer_id(draft.opening().customer_id());
  requested.set_approver(command.approver);
  requested.set_commitment_id(approval.commitment_id());
  requested.set_company_mistake(command.mistake);
  draft.Make(std::move(approval), caller.id);
  return draft.Take();
}

Decision Ownership::Decide(const State& state, const OnCase<v1::DeclineRemedyRequest>& command, const Caller& caller) {
  const auto& request = command.request;
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "reason", request.reason(), "say why, as the rep can tell the customer");
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = draft.RequireNotMerged(); !refused.ok()) return refused;
  const v1::Remedy* remedy = FindRemedy(state.remedies(), request.remedy_id());
  if (remedy == nullptr) return RemedyUnknown();
  if (remedy->status() == v1::REMEDY_STATUS_DECLINED && remedy->decided_by() == caller.id) return Draft::Nothing();
  if (absl::Status refused = RequireDeciding(*remedy, caller); !refused.ok()) return refused;
  SettleAbout(draft, request.remedy_id(), v1::COMMITMENT_OUTCOME_KEPT, "the remedy was declined", caller.id,
              caller.time);
  auto& declined = *draft.Add().mutable_remedy_declined();
  declined.set_remedy_id(request.remedy_id());
  declined.set_by(caller.id);
  declined.set_reason(request.reason());
  *declined.mutable_at() = ToProto(caller.time);
  *declined.mutable_requested_at() = remedy->asked_at();
  return draft.Take();
}

Decision Ownership::Decide(const State& state, const OnCase<v1::AnswerCounterOfferRequest>& command,
                           const Caller& caller) {
  const auto& request = command.request;
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  runtime::FieldViolations bad;
  if (!request.accepted()) runtime::RequireField(bad, "reason", request.reason(), "say why, in the customer's words");
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = draft.RequireOwner(caller); !refused.ok()) return refused;
  if (absl::Status refused = draft.RequireNotClosed(); !refused.ok()) return refused;
  const v1::Remedy* found = FindRemedy(state.remedies(), request.remedy_id());
  if (found == nullptr) return RemedyUnknown();
  const v1::Remedy remedy = *found;
  const v1::CounterOffer& offer = remedy.counter_offer();
  const v1::Commitment* answer = FindOpen(state.ledger(), offer.commitment_id());
  if (remedy.status() != v1::REMEDY_STATUS_COUNTERED || answer == nullptr ||
      caller.time > runtime::FromProto(answer->due())) {
    return Precondition("NO_COUNTER_OFFER",
                        "no supervisor offers anything instead now: it was answered, or it ran out; ask again");
  }
  if (!request.accepted()) {
    EndRemedy(draft, remedy, request.reason(), caller, v1::COMMITMENT_OUTCOME_KEPT);
    return draft.Take();
  }
  if (absl::Status refused = RequireRoomInCase(state, offer.amount(), offer.limits()); !refused.ok()) return refused;
  SettleAbout(draft, remedy.remedy_id(), v1::COMMITMENT_OUTCOME_KEPT, "the customer takes it", caller.id, caller.time);
  auto& granted = *draft.Add().mutable_remedy_granted();
  granted.set_remedy_id(remedy.remedy_id());
  granted.set_kind(offer.kind());
  *granted.mutable_amount() = offer.amount();
  granted.set_reason(offer.reason());
  granted.set_granted_by(remedy.asked_by());
  granted.set_approved_by(offer.by());
  *granted.mutable_at() = ToProto(caller.time);
  *granted.mutable_requested_at() = remedy.asked_at();
  granted.set_customer_id(remedy.customer_id());
  *granted.mutable_reservation() = offer.reservation();
  *granted.mutable_limits() = offer.limits();
  granted.set_payment_id(remedy.remedy_id());
  *granted.mutable_asked_amount() = remedy.amount();
  granted.set_countered(true);
  return draft.Take();
}

Decision Ownership::Decide(const State& state, const OnCase<v1::WithdrawRemedyRequest>& command, const Caller& caller) {
  const auto& request = command.request;
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "reason", request.reason(), "say why it is given up");
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = draft.RequireOwner(caller); !refused.ok()) return refused;
  if (absl::Status refused = draft.RequireNotMerged(); !refused.ok()) return refused;
  const v1::Remedy* found = FindRemedy(state.remedies(), request.remedy_id());
  if (found == nullptr) return RemedyUnknown();
  const v1::Remedy remedy = *found;
  switch (remedy.status()) {
    case v1::REMEDY_STATUS_WITHDRAWN:
      return Draft::Nothing();
    case v1::REMEDY_STATUS_REQUESTED:
    case v1::REMEDY_STATUS_COUNTERED:
    case v1::REMEDY_STATUS_FAILED:
      EndRemedy(draft, remedy, request.reason(), caller);
      return draft.Take();
    default:
      return Decided(remedy);
  }
}

void EndRemedy(Draft& draft, const v1::Remedy& remedy, const std::string& reason, const Caller& caller,
               v1::CommitmentOutcome outcome) {
  const bool countered = remedy.status() == v1::REMEDY_STATUS_COUNTERED;
  const bool granted = IsGranted(remedy.status());
  SettleAbout(draft, remedy.remedy_id(), outcome, reason, caller.id, caller.time);
  auto& withdrawn = *draft.Add().mutable_remedy_withdrawn();
  withdrawn.set_remedy_id(remedy.remedy_id());
  withdrawn.set_by(caller.id);
  withdrawn.set_reason(reason);
  *withdrawn.mutable_at() = ToProto(caller.time);
  withdrawn.set_granted(granted);
  if (countered) {
    *withdrawn.mutable_reservation() = remedy.counter_offer().reservation();
    *withdrawn.mutable_amount() = remedy.counter_offer().amount();
  } else if (granted) {
    *withdrawn.mutable_reservation() = remedy.reservation();
    *withdrawn.mutable_amount() = remedy.amount();
    *withdrawn.mutable_granted_at() = remedy.decided_at();
  }
  draft.Advance();
}

void EndOpenRemedies(Draft& draft, const std::string& reason, const Caller& caller) {
  const Remedies remedies = draft.state().remedies();
  for (const v1::Remedy& remedy : remedies) {
    const bool undecided =
        remedy.status() == v1::REMEDY_STATUS_REQUESTED || remedy.status() == v1::REMEDY_STATUS_COUNTERED;
    if (undecided) EndRemedy(draft, remedy, reason, caller);
  }
}

void PassUp(Draft& draft, const v1::Commitment& approval, const std::string& to, absl::Time due,
            const std::string& reason, const Caller& caller) {
  v1::Commitment next = approval;
  next.set_commitment_id(runtime::DerivedId(caller, "approval/" + approval.commitment_id()));
  next.set_owed_by(to.empty() ? approval.owed_by() : to);
  *next.mutable_due() = ToProto(due);
  auto& passed = *draft.Add().mutable_remedy_passed_up();
  passed.set_remedy_id(approval.remedy_id());
  passed.set_from(approval.owed_by());
  passed.set_to(next.owed_by());
  passed.set_reason(reason);
  passed.set_commitment_id(next.commitment_id());
  draft.Make(std::move(next), caller.id, approval.commitment_id());
}

void PassUpOf(Draft& draft, const std::string& person, const std::string& to, const std::string& beyond,
              const std::string& reason, const Caller& caller) {
  const v1::CommitmentLedger ledger = draft.state().ledger();
  for (const v1::Commitment& open : ledger.open()) {
    // One that is past its due time goes up with that.
    if (open.kind() != v1::COMMITMENT_KIND_APPROVAL || open.owed_by() != person ||
        runtime::FromProto(open.due()) <= caller.time) {
      continue;
    }
    const v1::Remedy* remedy = FindRemedy(draft.state().remedies(), open.remedy_id());
    const bool asked_by_them = remedy != nullptr && remedy->asked_by() == to && !beyond.empty();
    draft.Settle(SettleInTime(open, v1::COMMITMENT_OUTCOME_RETURNED, {caller.id, reason, caller.time, ""}));
    PassUp(draft, open, asked_by_them ? beyond : to, runtime::FromProto(open.due()), reason, caller);
  }
}

}  // namespace throughline::ownership

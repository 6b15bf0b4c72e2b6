#include "services/ownership/domain/remedies/remedy.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

#include "libs/money/money.h"
#include "libs/runtime/domain/refusal.h"

namespace throughline::ownership {
namespace {

v1::Remedy* Find(Remedies& remedies, const std::string& remedy_id) {
  const auto found = absl::c_find_if(remedies, [&](const v1::Remedy& one) { return one.remedy_id() == remedy_id; });
  return found == remedies.end() ? nullptr : &*found;
}

// The oldest that are final go first, so that what is under way is never forgotten.
void Forget(Remedies& remedies) {
  while (remedies.size() > kMostRemedies) {
    const auto oldest = absl::c_find_if(remedies, [](const v1::Remedy& one) { return IsFinal(one.status()); });
    if (oldest == remedies.end()) return;
    remedies.erase(oldest);
  }
}

void Request(Remedies& remedies, const v1::RemedyRequested& requested) {
  auto& remedy = *remedies.Add();
  remedy.set_remedy_id(requested.remedy_id());
  remedy.set_status(v1::REMEDY_STATUS_REQUESTED);
  remedy.set_kind(requested.kind());
  *remedy.mutable_amount() = requested.amount();
  remedy.set_reason(requested.reason());
  remedy.set_asked_by(requested.by());
  *remedy.mutable_asked_at() = requested.at();
  remedy.set_approver(requested.approver());
  remedy.set_commitment_id(requested.commitment_id());
  remedy.set_customer_id(requested.customer_id());
  remedy.set_company_mistake(requested.company_mistake());
}

void Grant(Remedies& remedies, Amounts& granted, const v1::RemedyGranted& event) {
  v1::Remedy* remedy = Find(remedies, event.remedy_id());
  if (remedy == nullptr) {
    remedy = remedies.Add();
    remedy->set_remedy_id(event.remedy_id());
    remedy->set_asked_by(event.granted_by());
    *remedy->mutable_asked_at() = event.at();
    remedy->set_customer_id(event.customer_id());
    remedy->set_company_mistake(event.limits().raised_by_mistake());
  }
  remedy->set_status(v1::REMEDY_STATUS_GRANTED);
  remedy->set_kind(event.kind());
  *remedy->mutable_amount() = event.amount();
  remedy->set_reason(event.reason());
  remedy->set_decided_by(event.approved_by().empty() ? event.granted_by() : event.approved_by());
  *remedy->mutable_decided_at() = event.at();
  *remedy->mutable_reservation() = event.reservation();
  *remedy->mutable_limits() = event.limits();
  remedy->set_payment_id(event.payment_id());
  remedy->clear_counter_offer();
  AddTo(granted, event.amount(), 1);
}

void Withdraw(v1::Remedy& remedy, Amounts& granted, const v1::RemedyWithdrawn& event) {
  if (event.granted()) AddTo(granted, event.amount(), -1);
  remedy.set_status(v1::REMEDY_STATUS_WITHDRAWN);
  remedy.set_decision_reason(event.reason());
  remedy.clear_counter_offer();
}

void Record(v1::Remedy& remedy, const v1::RemedyOutcomeRecorded& recorded) {
  const bool paid = recorded.outcome() == v1::PAYMENT_OUTCOME_PAID;
  remedy.set_status(paid ? v1::REMEDY_STATUS_PAID : v1::REMEDY_STATUS_FAILED);
  remedy.set_payment_reference(recorded.reference());
  remedy.set_failure_reason(paid ? "" : recorded.reason());
  *remedy.mutable_payment_at() = recorded.at();
}

void Absorb(Remedies& remedies, Amounts& granted, const v1::CaseAbsorbed& absorbed) {
  for (const v1::Remedy& moved : absorbed.remedies()) {
    if (Find(remedies, moved.remedy_id()) == nullptr) *remedies.Add() = moved;
  }
  for (const common::v1::Money& amount : absorbed.granted()) AddTo(granted, amount, 1);
}

}  // namespace

bool IsFinal(v1::RemedyStatus status) {
  return status == v1::REMEDY_STATUS_PAID || status == v1::REMEDY_STATUS_DECLINED ||
         status == v1::REMEDY_STATUS_WITHDRAWN;
}

bool IsGranted(v1::RemedyStatus status) {
  return IsToBePaid(status) || status == v1::REMEDY_STATUS_PAID || status == v1::REMEDY_STATUS_FAILED;
}

bool IsToBePaid(v1::RemedyStatus status) {
  return status == v1::REMEDY_STATUS_GRANTED || status == v1::REMEDY_STATUS_HANDED_OFF;
}

const v1::Remedy* FindRemedy(const Remedies& remedies, const std::string& remedy_id) {
  const auto found = absl::c_find_if(remedies, [&](const v1::Remedy& one) { return one.remedy_id() == remedy_id; });
  return found == remedies.end() ? nullptr : &*found;
}

int64_t AmountIn(const Amounts& amounts, const std::string& currency) {
  const auto found = absl::c_find_if(amounts, [&](const auto& one) { return one.currency() == currency; });
  return found == amounts.end() ? 0 : found->minor_units();
}

void AddTo(Amounts& amounts, const common::v1::Money& amount, int sign) {
  auto found = absl::c_find_if(amounts, [&](const auto& one) { return one.currency() == amount.currency(); });
  if (found == amounts.end()) {
    amounts.Add()->set_currency(amount.currency());
    found = amounts.end() - 1;
  }
  found->set_minor_units(found->minor_units() + sign * amount.minor_units());
}

void ApplyToRemedies(const v1::OwnershipEvent& event, Remedies& remedies, Amounts& granted) {
  using Event = v1::OwnershipEvent;
  const auto change = [&](const std::string& remedy_id, const auto& apply) {
    if (v1::Remedy* remedy = Find(remedies, remedy_id)) apply(*remedy);
  };
  switch (event.event_case()) {
    case Event::kRemedyRequested:
      Request(remedies, event.remedy_requested());
      return Forget(remedies);
    case Event::kRemedyGranted:
      Grant(remedies, granted, event.remedy_granted());
      return Forget(remedies);
    case Event::kRemedyDeclined:
      return change(event.remedy_declined().remedy_id(), [&](v1::Remedy& remedy) {
        remedy.set_status(v1::REMEDY_STATUS_DECLINED);
        remedy.set_decided_by(event.remedy_declined().by());
        *remedy.mutable_decided_at() = event.remedy_declined().at();
        remedy.set_decision_reason(event.remedy_declined().reason());
      });
    case Event::kRemedyCountered:
      return change(event.remedy_countered().remedy_id(), [&](v1::Remedy& remedy) {
        remedy.set_status(v1::REMEDY_STATUS_COUNTERED);
        remedy.set_decided_by(event.remedy_countered().offer().by());
        *remedy.mutable_decided_at() = event.remedy_countered().at();
        *remedy.mutable_counter_offer() = event.remedy_countered().offer();
      });
    case Event::kRemedyWithdrawn:
      return change(event.remedy_withdrawn().remedy_id(),
                    [&](v1::Remedy& remedy) { Withdraw(remedy, granted, event.remedy_withdrawn()); });
    case Event::kRemedyPassedUp:
      return change(event.remedy_passed_up().remedy_id(), [&](v1::Remedy& remedy) {
        remedy.set_approver(event.remedy_passed_up().to());
        remedy.set_commitment_id(event.remedy_passed_up().commitment_id());
      });
    case Event::kRemedyHandedOff:
      return change(event.remedy_handed_off().remedy_id(), [&](v1::Remedy& remedy) {
        remedy.set_status(v1::REMEDY_STATUS_HANDED_OFF);
        remedy.set_payments(remedy.payments() + 1);
        remedy.set_handed_off_to(event.remedy_handed_off().to());
        *remedy.mutable_payment_at() = event.remedy_handed_off().at();
      });
    case Event::kRemedyOutcomeRecorded:
      return change(event.remedy_outcome_recorded().remedy_id(),
                    [&](v1::Remedy& remedy) { Record(remedy, event.remedy_outcome_recorded()); });
    case Event::kRemedyRetried:
      return change(event.remedy_retried().remedy_id(), [&](v1::Remedy& remedy) {
        remedy.set_status(v1::REMEDY_STATUS_GRANTED);
        remedy.set_payment_id(event.remedy_retried().payment_id());
        remedy.clear_handed_off_to();
        remedy.clear_failure_reason();
      });
    case Event::kAbsorbed:
      Absorb(remedies, granted, event.absorbed());
      return Forget(remedies);
    default:  // no other event is about remedies
      return;
  }
}

absl::Status AboveAuthority(const std::string& limit, const common::v1::Money& left) {
  const std::string where = limit == "case"     ? "in this case"
                            : limit == "period" ? "in this period"
                                                : "to this customer";
  absl::Status refused =
      runtime::Refuse(absl::StatusCode::kFailedPrecondition, "ABOVE_AUTHORITY",
                      absl::StrCat("of what may be granted ", where, " without asking, ", money::MoneyText(left),
                                   " is left: grant no more than that, or ask a supervisor with RequestRemedy"));
  refused = runtime::WithMetadata(std::move(refused), "limit", limit);
  refused = runtime::WithMetadata(std::move(refused), "left", absl::StrCat(left.minor_units()));
  return runtime::WithMetadata(std::move(refused), "currency", left.currency());
}

int64_t LeftOf(const common::v1::Money& limit, int64_t used) {
  return std::max<int64_t>(0, limit.minor_units() - std::max<int64_t>(0, used));
}

absl::Status RefusalOf(const v1::RemedyRefused& refused) {
  if (!refused.limit().empty()) return AboveAuthority(refused.limit(), refused.left());
  return runtime::Refuse(static_cast<absl::StatusCode>(refused.code()), refused.refusal(), refused.message());
}

}  // namespace throughline::ownership

// The rules of placing remedies for which authority was reserved: the case takes a grant, an approval or another offer,
// or refuses it, and either is an event. What needs no reserved authority is in remedies.cc; how it is reserved is in
// authority.cc.

#include <optional>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "libs/money/money.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "services/ownership/domain/draft.h"
#include "services/ownership/domain/ownership.h"
#include "services/ownership/domain/remedies/remedy.h"
#include "services/ownership/domain/remedies/remedy_rules.h"

namespace throughline::ownership {
namespace {

using State = Ownership::State;
using Decision = Ownership::Decision;
using runtime::Caller;
using runtime::ToProto;

// So many refusals are remembered, for retries.
constexpr int kMostRefusals = 50;

Caller DeciderOf(const v1::RemedyOrder& order) {
  Caller decider;
  decider.id = order.by();
  decider.roles = {order.by_supervisor() ? common::v1::ROLE_SUPERVISOR : common::v1::ROLE_REP};
  return decider;
}

const v1::RemedyRefused* FindRefusal(const State& state, const std::string& reservation_id) {
  const auto found = absl::c_find_if(state.refused_remedies(), [&](const v1::RemedyRefused& one) {
    return one.reservation().reservation_id() == reservation_id;
  });
  return found == state.refused_remedies().end() ? nullptr : &*found;
}

// The remedy on the case for which that was reserved; null: none.
const v1::AuthorityReservation* FindPlaced(const State& state, const std::string& reservation_id) {
  for (const v1::Remedy& one : state.remedies()) {
    if (one.reservation().reservation_id() == reservation_id) return &one.reservation();
    if (one.counter_offer().reservation().reservation_id() == reservation_id) return &one.counter_offer().reservation();
  }
  return nullptr;
}

bool IsSame(const v1::AuthorityReservation& a, const v1::AuthorityReservation& b) {
  return a.person_key() == b.person_key() && a.customer_key() == b.customer_key();
}

// Whether the same supervisor approved it, or offered that, before.
bool IsDoneAlready(const v1::Remedy& remedy, const v1::RemedyOrder& order) {
  if (remedy.decided_by() != order.by()) return false;
  if (order.step() == v1::REMEDY_STEP_APPROVE) return IsGranted(remedy.status()) && remedy.asked_by() != order.by();
  const v1::CounterOffer& offer = remedy.counter_offer();
  return remedy.status() == v1::REMEDY_STATUS_COUNTERED && offer.kind() == order.kind() &&
         offer.amount().currency() == order.amount().currency() &&
         offer.amount().minor_units() == order.amount().minor_units();
}

// Whether the case takes it now.
absl::Status Judge(const Draft& draft, const v1::RemedyOrder& order, const std::optional<common::v1::Money>& denied) {
  const State& state = draft.state();
  if (absl::Status refused = draft.RequireNotClosed(); !refused.ok()) return refused;
  if (order.step() == v1::REMEDY_STEP_GRANT) {
    if (absl::Status refused = draft.RequireOwner(DeciderOf(order)); !refused.ok()) return refused;
    if (absl::Status refused = RequireRoom(state); !refused.ok()) return refused;
  } else {
    const v1::Remedy* remedy = FindRemedy(state.remedies(), order.remedy_id());
    if (remedy == nullptr) return RemedyUnknown();
    if (absl::Status refused = RequireDeciding(*remedy, DeciderOf(order)); !refused.ok()) return refused;
    const bool part = order.step() == v1::REMEDY_STEP_APPROVE && order.has_amount();
    if (part && (order.amount().currency() != remedy->amount().currency() ||
                 order.amount().minor_units() > remedy->amount().minor_units())) {
      return runtime::BadField("amount", "is more than, or in another currency than, the " +
                                             money::MoneyText(remedy->amount()) +
                                             " that was asked for: approve at most that, or counter it");
    }
  }
  if (denied) return AboveAuthority("customer", *denied);
  if (!order.limits().has_per_case()) return absl::OkStatus();  // before they are looked up
  return RequireRoomInCase(state, order.amount(), order.limits());
}

void AddRefused(Draft& draft, const v1::RemedyOrder& order, const absl::Status& why) {
  auto& refused = *draft.Add().mutable_remedy_refused();
  refused.set_remedy_id(order.remedy_id());
  *refused.mutable_reservation() = order.reservation();
  *refused.mutable_amount() = order.amount();
  refused.set_refusal(runtime::ReasonOf(why).value_or("REFUSED"));
  refused.set_message(std::string(why.message()));
  refused.set_code(static_cast<int>(why.code()));
  int64_t left = 0;
  const auto limit = runtime::MetadataOf(why, "limit");
  if (limit && absl::SimpleAtoi(runtime::MetadataOf(why, "left").value_or(""), &left)) {
    refused.set_limit(*limit);
    *refused.mutable_left() = money::Of(order.amount().currency(), left);
  }
}

void AddGranted(Draft& draft, const v1::RemedyOrder& order, absl::Time now) {
  v1::RemedyGranted granted;
  granted.set_remedy_id(order.remedy_id());
  granted.set_kind(order.kind());
  *granted.mutable_amount() = order.amount();
  granted.set_reason(order.reason());
  granted.set_granted_by(order.by());
  *granted.mutable_at() = ToProto(now);
  granted.set_customer_id(order.customer_id());
  *granted.mutable_reservation() = order.reservation();
  *granted.mutable_limits() = order.limits();
  granted.set_payment_id(order.remedy_id());
  if (const v1::Remedy* remedy = FindRemedy(draft.state().remedies(), order.remedy_id())) {
    granted.set_kind(remedy->kind());
    granted.set_reason(remedy->reason());
    granted.set_granted_by(remedy->asked_by());
    granted.set_approved_by(order.by());
    *granted.mutable_requested_at() = remedy->asked_at();
    if (remedy->amount().minor_units() != order.amount().minor_units()) {
      *granted.mutable_asked_amount() = remedy->amount();
    }
  }
  *draft.Add().mutable_remedy_granted() = std::move(granted);
}

void AddCountered(Draft& draft, const v1::RemedyOrder& order, absl::Time now) {
  const v1::Remedy& remedy = *FindRemedy(draft.state().remedies(), order.remedy_id());
  v1::Commitment answer;
  // Named by what it is about, so that it is the same whoever places it.
  answer.set_commitment_id(order.reservation().reservation_id());
  answer.set_kind(v1::COMMITMENT_KIND_COUNTER_OFFER_ANSWER);
  answer.set_owed_to(order.by());
  answer.set_text(absl::StrCat("Ask the customer whether they take ", WordsOf(order.kind(), order.amount()), "."));
  *answer.mutable_due() = order.answer_due();
  answer.set_remedy_id(order.remedy_id());
  auto& countered = *draft.Add().mutable_remedy_countered();
  countered.set_remedy_id(order.remedy_id());
  auto& offer = *countered.mutable_offer();
  offer.set_kind(order.kind());
  *offer.mutable_amount() = order.amount();
  offer.set_by(order.by());
  offer.set_reason(order.reason());
  *offer.mutable_reservation() = order.reservation();
  *offer.mutable_limits() = order.limits();
  offer.set_commitment_id(answer.commitment_id());
  *countered.mutable_at() = ToProto(now);
  *countered.mutable_requested_at() = remedy.asked_at();
  draft.Make(std::move(answer), order.by());
}

}  // namespace

bool IsPlaced(const State& state, const v1::RemedyOrder& order) {
  if (FindPlaced(state, order.reservation().reservation_id()) != nullptr) return true;
  const v1::Remedy* remedy = FindRemedy(state.remedies(), order.remedy_id());
  if (remedy == nullptr) return false;
  return order.step() == v1::REMEDY_STEP_GRANT || IsDoneAlready(*remedy, order);
}

std::optional<absl::Status> VerdictOn(const State& state, const std::string& reservation_id) {
  if (FindPlaced(state, reservation_id) != nullptr) return absl::OkStatus();
  if (const v1::RemedyRefused* refused = FindRefusal(state, reservation_id)) return RefusalOf(*refused);
  return std::nullopt;
}

Decision Ownership::Place(const State& state, const v1::RemedyOrder& order, const v1::OwnershipStarted& opening,
                          const std::optional<common::v1::Money>& denied, bool check_only, const Caller& caller) {
  Draft draft(state, opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  const std::string& reservation_id = order.reservation().reservation_id();
  const v1::AuthorityReservation* placed = FindPlaced(state, reservation_id);
  const v1::RemedyRefused* refused_before = FindRefusal(state, reservation_id);
  if (check_only) {
    if (placed != nullptr) return Draft::Nothing();
    if (refused_before != nullptr) return RefusalOf(*refused_before);
  } else {
    if (placed != nullptr && IsSame(*placed, order.reservation())) return Draft::Nothing();
    if (refused_before != nullptr && IsSame(refused_before->reservation(), order.reservation())) {
      return Draft::Nothing();
    }
  }
  absl::Status verdict = absl::OkStatus();
  const bool done = IsPlaced(state, order);
  if (check_only && done) return Draft::Nothing();
  if (refused_before != nullptr) {
    verdict = RefusalOf(*refused_before);
  } else if (done) {
    verdict = Precondition("REMEDY_DECIDED", "authority was reserved for it twice; once is enough");
  } else {
    verdict = Judge(draft, order, denied);
  }
  if (check_only) return verdict.ok() ? Decision(Draft::Nothing()) : Decision(verdict);
  if (!verdict.ok()) {
    AddRefused(draft, order, verdict);
  } else if (order.step() == v1::REMEDY_STEP_COUNTER) {
    SettleAbout(draft, order.remedy_id(), v1::COMMITMENT_OUTCOME_KEPT, "another remedy was offered", order.by(),
                caller.time);
    AddCountered(draft, order, caller.time);
  } else {
    SettleAbout(draft, order.remedy_id(), v1::COMMITMENT_OUTCOME_KEPT, "the remedy was approved", order.by(),
                caller.time);
    AddGranted(draft, order, caller.time);
  }
  return draft.Take();
}

void RememberRefusal(State& state, const v1::RemedyRefused& refused) {
  auto& all = *state.mutable_refused_remedies();
  *all.Add() = refused;
  if (all.size() > kMostRefusals) all.DeleteSubrange(0, all.size() - kMostRefusals);
}

}  // namespace throughline::ownership

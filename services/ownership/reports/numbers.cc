#include "services/ownership/reports/numbers.h"

#include <algorithm>

#include "absl/algorithm/container.h"

#include "libs/runtime/domain/time.h"
#include "services/ownership/domain/commitments/commitment.h"
#include "services/ownership/reports/sums.h"

namespace throughline::ownership {
namespace {

using Numbers = v1::ReportNumbers;

// Of the kind.
v1::CommitmentNumbers& Of(v1::CommitmentKind kind, Numbers& numbers) {
  auto& all = *numbers.mutable_commitments();
  const auto found = absl::c_find_if(all, [&](const auto& one) { return one.kind() >= kind; });
  const auto at = static_cast<int>(found - all.begin());
  if (found == all.end() || found->kind() != kind) {
    all.Add()->set_kind(kind);
    for (int last = all.size() - 1; last > at; --last) all.SwapElements(last, last - 1);
  }
  return all[at];
}

class Counter {
 public:
  Counter(const EventToCount& counted, v1::CaseFactsRow& facts, std::map<std::string, Numbers>& by_rep)
      : counted_(counted), facts_(facts), by_rep_(by_rep) {}

  void Start(const v1::OwnershipStarted& started) {
    facts_.set_component_id(started.component_id());
    facts_.set_order_id(started.order_id());
    *facts_.mutable_opened_at() = started.opened_at();
    BecomeOwner(started.owner());
    v1::CommitmentMade update;
    *update.mutable_commitment() = OpeningUpdate(started);
    Make(update);
  }

  void HandOver(const std::string& from, const std::string& to, bool offered) {
    Numbers& numbers = Of(from);
    if (offered) {
      numbers.set_handoffs_accepted(numbers.handoffs_accepted() + 1);
    } else {
      numbers.set_reassignments(numbers.reassignments() + 1);
    }
    if (BecomeOwner(to)) numbers.set_ping_pongs(numbers.ping_pongs() + 1);
  }

  void Make(const v1::CommitmentMade& made) {
    if (counted_.moves_commitments) return;
    auto& numbers = Commitments(made.commitment().kind(), made.commitment().owed_by());
    numbers.set_made(numbers.made() + 1);
  }
  void Renegotiate(v1::CommitmentKind kind) {
    auto& numbers = Commitments(kind, counted_.about.owed_by());
    numbers.set_renegotiated(numbers.renegotiated() + 1);
  }
  void Settle(const v1::CommitmentSettled& settled) {
    const std::string& owed_by = settled.owed_by().empty() ? counted_.about.owed_by() : settled.owed_by();
    auto& numbers = Commitments(settled.kind(), owed_by);
    if (settled.outcome() == v1::COMMITMENT_OUTCOME_KEPT) numbers.set_kept(numbers.kept() + 1);
    if (settled.outcome() == v1::COMMITMENT_OUTCOME_BROKEN) numbers.set_broken(numbers.broken() + 1);
    if (settled.outcome() == v1::COMMITMENT_OUTCOME_WITHDRAWN) numbers.set_withdrawn(numbers.withdrawn() + 1);
    if (settled.outcome() == v1::COMMITMENT_OUTCOME_RETURNED) numbers.set_returned(numbers.returned() + 1);
  }

  void Note(const v1::InteractionNoted& noted) {
    if (noted.inbound() && noted.passed_on_to_case_id().empty() && facts_.proposals() == 0) {
      facts_.set_contacts_before_proposal(facts_.contacts_before_proposal() + 1);
    }
  }
  void Propose() {
    facts_.set_proposals(facts_.proposals() + 1);
    facts_.clear_confirmed_at();
    facts_.set_awaits_answer(true);
  }
  void Confirm() {
    *facts_.mutable_confirmed_at() = runtime::ToProto(counted_.time);
    facts_.set_awaits_answer(false);
  }
  void NotConfirmed() {
    facts_.clear_confirmed_at();
    facts_.set_awaits_answer(false);
  }
  void TakeBack() {
    NotConfirmed();
    Numbers& numbers = Of(facts_.owner());
    numbers.set_confirmations_taken_back(numbers.confirmations_taken_back() + 1);
  }
  void Close(const v1::CaseClosed& closed) {
    Numbers& numbers = Of(facts_.owner());
    if (closed.resolution_code() == v1::RESOLUTION_CODE_CONFIRMED) {
      numbers.set_closed_confirmed(numbers.closed_confirmed() + 1);
      const absl::Time confirmed =
          facts_.has_confirmed_at() ? runtime::FromProto(facts_.confirmed_at()) : counted_.time;
      AddDuration(confirmed - runtime::FromProto(facts_.opened_at()), *numbers.mutable_time_to_confirmed());
      if (facts_.proposals() <= 1 && facts_.contacts_before_proposal() == 0 && facts_.reopenings() == 0) {
        facts_.set_first_contact(true);
        numbers.set_first_contact_resolutions(numbers.first_contact_resolutions() + 1);
      }
    } else if (facts_.awaits_answer()) {
      numbers.set_closed_unconfirmed(numbers.closed_unconfirmed() + 1);
    } else {
      numbers.set_closed_unsolved(numbers.closed_unsolved() + 1);
    }
    NotConfirmed();
  }
  void Reopen() {
    Numbers& numbers = Of(facts_.owner());
    numbers.set_reopenings(numbers.reopenings() + 1);
    if (facts_.first_contact()) numbers.set_first_contact_reopened(numbers.first_contact_reopened() + 1);
    facts_.set_first_contact(false);
    facts_.set_reopenings(facts_.reopenings() + 1);
    NotConfirmed();
  }
  // A merged case can be merged again, when something reaches it later.
  void Merge() {
    if (facts_.merged()) return;
    facts_.set_merged(true);
    facts_.clear_remedies();  // they go on there
    Numbers& numbers = Of(facts_.owner());
    numbers.set_merged(numbers.merged() + 1);
  }

  void Absorb(const v1::CaseAbsorbed& absorbed) {
    for (const v1::Remedy& moved : absorbed.remedies()) {
      Know(moved.remedy_id(), moved.kind(), moved.amount().currency());
    }
  }

  void Escalate(const v1::CaseEscalated& escalated) {
    switch (escalated.cause()) {
      case v1::ESCALATION_CAUSE_PERSON:
      case v1::ESCALATION_CAUSE_COMMITMENTS_BROKEN: {
        Numbers& numbers = Of(facts_.owner());
        return numbers.set_escalations(numbers.escalations() + 1);
      }
      case v1::ESCALATION_CAUSE_NOT_ACKNOWLEDGED: {
        Numbers& numbers = Of(escalated.from());
        return numbers.set_escalations_climbed(numbers.escalations_climbed() + 1);
      }
      default:
        return;  // the same escalation, with another person or case
    }
  }

  void Request(const v1::RemedyRequested& requested) {
    Know(requested.remedy_id(), requested.kind(), requested.amount().currency());
    v1::RemedyNumbers one;
    one.set_requested(1);
    one.set_requested_minor_units(requested.amount().minor_units());
    AddRemedy(requested.by(), requested.remedy_id(), std::move(one));
  }
  void Grant(const v1::RemedyGranted& granted) {
    Know(granted.remedy_id(), granted.kind(), granted.amount().currency());
    v1::RemedyNumbers one;
    one.set_granted(1);
    one.set_granted_minor_units(granted.amount().minor_units());
    if (!granted.approved_by().empty()) one.set_approved(1);
    AddRemedy(granted.granted_by(), granted.remedy_id(), std::move(one));
    const bool decided_now = !granted.approved_by().empty() && !granted.countered() && granted.has_requested_at();
    if (decided_now) Decide(granted.approved_by(), granted.requested_at(), granted.at());
  }
  void Decline(const v1::RemedyDeclined& declined) {
    v1::RemedyNumbers one;
    one.set_declined(1);
    AddRemedy(declined.by(), declined.remedy_id(), std::move(one));
    Decide(declined.by(), declined.requested_at(), declined.at());
    Forget(declined.remedy_id());
  }
  void Offer(const v1::RemedyCountered& countered) {
    v1::RemedyNumbers one;
    one.set_countered(1);
    AddRemedy(countered.offer().by(), countered.remedy_id(), std::move(one));
    Decide(countered.offer().by(), countered.requested_at(), countered.at());
  }
  void GiveUp(const v1::RemedyWithdrawn& withdrawn) {
    v1::RemedyNumbers one;
    one.set_given_up(1);
    if (withdrawn.granted()) one.set_given_up_minor_units(withdrawn.amount().minor_units());
    AddRemedy(facts_.owner(), withdrawn.remedy_id(), std::move(one));
    Forget(withdrawn.remedy_id());
  }
  void Pay(const v1::RemedyOutcomeRecorded& recorded) {
    Know(recorded.remedy_id(), recorded.kind(), recorded.amount().currency());
    const bool paid = recorded.outcome() == v1::PAYMENT_OUTCOME_PAID;
    v1::RemedyNumbers one;
    one.set_paid(paid ? 1 : 0);
    one.set_paid_minor_units(paid ? recorded.amount().minor_units() : 0);
    one.set_payments_failed(paid ? 0 : 1);
    AddRemedy(facts_.owner(), recorded.remedy_id(), std::move(one));
    if (paid) Forget(recorded.remedy_id());
  }

  Numbers& Of(const std::string& rep) { return by_rep_[rep]; }

 private:
  v1::CaseFactsRow::Remedy* Find(const std::string& remedy_id) {
    for (auto& one : *facts_.mutable_remedies()) {
      if (one.remedy_id() == remedy_id) return &one;
    }
    return nullptr;
  }
  // What it is now: another one may be granted than was asked for.
  void Know(const std::string& remedy_id, v1::RemedyKind kind, const std::string& currency) {
    v1::CaseFactsRow::Remedy* known = Find(remedy_id);
    if (known == nullptr) known = facts_.add_remedies();
    known->set_remedy_id(remedy_id);
    known->set_kind(kind);
    known->set_currency(currency);
  }
  void Forget(const std::string& remedy_id) {
    auto& all = *facts_.mutable_remedies();
    all.erase(std::remove_if(all.begin(), all.end(), [&](const auto& one) { return one.remedy_id() == remedy_id; }),
              all.end());
  }
  void AddRemedy(const std::string& rep, const std::string& remedy_id, v1::RemedyNumbers one) {
    if (const v1::CaseFactsRow::Remedy* known = Find(remedy_id)) {
      one.set_kind(known->kind());
      one.set_currency(known->currency());
    }
    Numbers numbers;
    *numbers.add_remedies() = std::move(one);
    AddTo(Of(rep), numbers);
  }
  void Decide(const std::string& by, const google::protobuf::Timestamp& requested,
              const google::protobuf::Timestamp& decided) {
    AddDuration(runtime::FromProto(decided) - runtime::FromProto(requested), *Of(by).mutable_time_to_decision());
  }
  // Whether they had owned it before.
  bool BecomeOwner(const std::string& person) {
    facts_.set_owner(person);
    if (absl::c_linear_search(facts_.owners(), person)) return true;
    facts_.add_owners(person);
    return false;
  }
  v1::CommitmentNumbers& Commitments(v1::CommitmentKind kind, const std::string& owed_by) {
    return ownership::Of(kind, Of(owed_by.empty() ? facts_.owner() : owed_by));
  }

  const EventToCount& counted_;
  v1::CaseFactsRow& facts_;
  std::map<std::string, Numbers>& by_rep_;
};

}  // namespace

void CountForReports(const EventToCount& counted, v1::CaseFactsRow& facts,
                     std::map<std::string, v1::ReportNumbers>& by_rep) {
  using Event = v1::OwnershipEvent;
  const v1::OwnershipEvent& event = counted.event;
  Counter counter(counted, facts, by_rep);
  switch (event.event_case()) {
    case Event::kStarted:
      return counter.Start(event.started());
    case Event::kHandoffOffered: {
      auto& numbers = counter.Of(event.handoff_offered().from());
      return numbers.set_handoffs_offered(numbers.handoffs_offered() + 1);
    }
    case Event::kHandoffAccepted:
      return counter.HandOver(event.handoff_accepted().from(), event.handoff_accepted().to(), true);
    case Event::kHandoffDeclined: {
      auto& numbers = counter.Of(event.handoff_declined().by());
      return numbers.set_handoffs_declined(numbers.handoffs_declined() + 1);
    }
    case Event::kHandoffExpired: {
      auto& numbers = counter.Of(event.handoff_expired().to());
      return numbers.set_handoffs_expired(numbers.handoffs_expired() + 1);
    }
    case Event::kReassigned:
      return counter.HandOver(event.reassigned().from(), event.reassigned().to(), false);
    case Event::kPromiseMade:
      return counter.Make(AsMade(event.promise_made()));
    case Event::kPromiseKept:
      return counter.Settle(AsSettled(event.promise_kept()));
    case Event::kPromiseRenegotiated:
      return counter.Renegotiate(v1::COMMITMENT_KIND_PROMISE);
    case Event::kPromiseBroken:
      return counter.Settle(AsSettled(event.promise_broken()));
    case Event::kCommitmentMade:
      return counter.Make(event.commitment_made());
    case Event::kCommitmentRenegotiated:
      return counter.Renegotiate(counted.about.kind());
    case Event::kCommitmentSettled:
      return counter.Settle(event.commitment_settled());
    case Event::kInteractionNoted:
      return counter.Note(event.interaction_noted());
    case Event::kResolutionProposed:
      return counter.Propose();
    case Event::kResolutionConfirmed:
      return counter.Confirm();
    case Event::kResolutionRejected:
      return counter.NotConfirmed();
    case Event::kConfirmationTakenBack:
      return counter.TakeBack();
    case Event::kClosed:
      return counter.Close(event.closed());
    case Event::kReopened:
      return counter.Reopen();
    case Event::kMerged:
      return counter.Merge();
    case Event::kAbsorbed:
      return counter.Absorb(event.absorbed());
    case Event::kEscalated:
      return counter.Escalate(event.escalated());
    case Event::kEscalationAcknowledged: {
      auto& numbers = counter.Of(event.escalation_acknowledged().by());
      return numbers.set_escalations_acknowledged(numbers.escalations_acknowledged() + 1);
    }
    case Event::kEscalationSettled: {
      if (event.escalation_settled().with_case()) return;
      auto& numbers = counter.Of(event.escalation_settled().by());
      return numbers.set_escalations_settled(numbers.escalations_settled() + 1);
    }
    case Event::kEscalationExhausted: {
      auto& numbers = counter.Of(event.escalation_exhausted().to());
      return numbers.set_escalations_exhausted(numbers.escalations_exhausted() + 1);
    }
    case Event::kRemedyRequested:
      return counter.Request(event.remedy_requested());
    case Event::kRemedyGranted:
      return counter.Grant(event.remedy_granted());
    case Event::kRemedyDeclined:
      return counter.Decline(event.remedy_declined());
    case Event::kRemedyCountered:
      return counter.Offer(event.remedy_countered());
    case Event::kRemedyWithdrawn:
      return counter.GiveUp(event.remedy_withdrawn());
    case Event::kRemedyOutcomeRecorded:
      return counter.Pay(event.remedy_outcome_recorded());
    case Event::kHandoffWithdrawn:
    case Event::kWorkNoteAdded:
    case Event::kInteractionAcknowledged:
    case Event::kClosingAnnounced:
    case Event::kConfirmationRequested:
    case Event::kRemedyRefused:
    case Event::kRemedyPassedUp:
    case Event::kRemedyHandedOff:
    case Event::kRemedyRetried:
    case Event::EVENT_NOT_SET:
      return;
  }
}

}  // namespace throughline::ownership

#include "services/ownership/projections/case_projection.h"

#include <set>

#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/time.h"
#include "services/ownership/domain/commitments/commitment.h"
#include "services/ownership/domain/ownership.h"
#include "services/ownership/domain/remedies/authority.h"
#include "services/ownership/domain/remedies/remedy.h"
#include "services/ownership/people/people.h"
#include "services/ownership/projections/worklist.h"
#include "throughline/intake/v1/case.pb.h"
#include "throughline/outage/v1/notice.pb.h"

namespace throughline::ownership {
namespace {

using View = std::optional<v1::OwnershipView>;

v1::OwnershipStarted OpeningOf(const intake::v1::CaseOpened& opened, absl::Time time) {
  v1::OwnershipStarted opening;
  opening.set_case_id(opened.case_id());
  opening.set_owner(opened.owner());
  opening.set_customer_id(opened.customer_id());
  opening.set_subject(opened.subject());
  if (opened.has_order_id()) opening.set_order_id(opened.order_id());
  if (opened.has_component_id()) opening.set_component_id(opened.component_id());
  *opening.mutable_opened_at() = runtime::ToProto(time);
  opening.set_untaken(opened.assignment_reason() == intake::v1::ASSIGNMENT_REASON_SUPERVISOR_ON_DUTY ||
                      opened.assignment_reason() == intake::v1::ASSIGNMENT_REASON_FALLBACK);
  if (opened.has_next_update_due()) *opening.mutable_next_update_due() = opened.next_update_due();
  opening.set_customer_calendar(opened.customer_calendar());
  return opening;
}

WorklistRows RowsOf(const View& view) { return view ? WorklistRowsOf(*view) : WorklistRows(); }

bool Waits(const View& view) { return view && view->unassigned() && !IsClosed(view->status()); }

void WriteWaiting(const View& before, const View& after, store::Batch& batch) {
  if (Waits(after)) {
    kWaitingCases.Put(batch, runtime::FromProto(after->opened_at()), after->case_id(), after->owner());
  } else if (Waits(before)) {
    kWaitingCases.Delete(batch, runtime::FromProto(before->opened_at()), before->case_id());
  }
  if (Waits(after) || Waits(before)) batch.Notify(kWaitingTopic);
  const int change = int{Waits(after)} - int{Waits(before)};
  if (change != 0) runtime::Count(batch, kCasesWaiting, change);
}

std::set<std::pair<absl::Time, std::string>> TimersOf(const View& view) {
  std::set<std::pair<absl::Time, std::string>> timers;
  if (!view) return timers;
  for (const auto& one : view->commitments()) {
    if (one.outcome() != v1::COMMITMENT_OUTCOME_UNSPECIFIED) continue;
    const v1::Commitment& open = one.commitment();
    timers.emplace(runtime::FromProto(open.due()),
                   absl::StrCat(kCommitmentTimer, RulesOf(open.kind()).name, "/", open.commitment_id()));
  }
  if (view->has_closes_at()) {
    timers.emplace(runtime::FromProto(view->closing_announced() ? view->closes_at() : view->announce_at()),
                   kUnansweredTimer);
  }
  if (view->has_handoff()) {
    timers.emplace(runtime::FromProto(view->handoff().expires_at()), kHandoffTimer + view->handoff().handoff_id());
  }
  return timers;
}

void WriteTimers(const std::string& stream, const View& before, const View& after, store::Batch& batch) {
  const auto old_timers = TimersOf(before);
  const auto new_timers = TimersOf(after);
  for (const auto& timer : old_timers) {
    if (!new_timers.contains(timer)) runtime::CancelTimer(batch, timer.first, stream, timer.second);
  }
  for (const auto& timer : new_timers) {
    if (!old_timers.contains(timer)) runtime::ScheduleTimer(batch, timer.first, stream, timer.second);
  }
}

std::map<std::string, std::string> PayableOf(const View& view) {
  std::map<std::string, std::string> rows;
  if (!view) return rows;
  for (const v1::Remedy& remedy : view->remedies()) {
    if (!IsToBePaid(remedy.status())) continue;
    v1::PayableRemedy row;
    row.set_case_id(view->case_id());
    *row.mutable_remedy() = remedy;
    rows[kToPay.KeyOf(runtime::FromProto(remedy.decided_at()), view->case_id(), remedy.remedy_id())] =
        store::EncodeRow(row);
  }
  return rows;
}

void WritePayable(const View& before, const View& after, store::Batch& batch) {
  const auto old_rows = PayableOf(before);
  const auto new_rows = PayableOf(after);
  for (const auto& [key, row] : old_rows) {
    if (!new_rows.contains(key)) batch.Delete(key);
  }
  for (const auto& [key, row] : new_rows) {
    const auto old = old_rows.find(key);
    if (old == old_rows.end() || old->second != row) batch.Put(key, row);
  }
}

// Adds (`sign` +1) or subtracts (-1) the view's share of the counters.
void CountView(const View& view, int sign, std::map<std::string, int64_t>& changes) {
  if (!view) return;
  for (const auto& one : view->commitments()) {
    if (one.outcome() != v1::COMMITMENT_OUTCOME_UNSPECIFIED) continue;
    changes[kCommitmentsOpen] += sign;
    if (one.commitment().kind() == v1::COMMITMENT_KIND_PROMISE) changes[kPromisesOpen] += sign;
  }
  changes[kUnanswered] += view->has_unanswered() ? sign : 0;
  if (view->has_handoff()) changes[kHandoffsOpen] += sign;
  if (view->has_escalation()) changes[kEscalationsOpen] += sign;
  for (const v1::Remedy& remedy : view->remedies()) {
    if (remedy.status() == v1::REMEDY_STATUS_REQUESTED) changes[kRemediesWaiting] += sign;
    if (IsToBePaid(remedy.status())) changes[kRemediesToPay] += sign;
  }
}

void CountHelp(const v1::OwnershipEvent& event, std::map<std::string, int64_t>& changes) {
  // The service makes those again that move with a merged case.
  const v1::CommitmentMade& made = event.commitment_made();
  if (made.commitment().kind() == v1::COMMITMENT_KIND_HELP && !IsService(made.by())) ++changes[kHelpRequested];
  const v1::CommitmentSettled& settled = event.commitment_settled();
  if (settled.kind() != v1::COMMITMENT_KIND_HELP) return;
  if (settled.outcome() == v1::COMMITMENT_OUTCOME_KEPT) ++changes[kHelpGiven];
  if (settled.outcome() == v1::COMMITMENT_OUTCOME_RETURNED) ++changes[kHelpReturned];
  if (settled.outcome() == v1::COMMITMENT_OUTCOME_BROKEN) ++changes[kHelpUnanswered];
}

void CountEscalation(const v1::OwnershipEvent& event, std::map<std::string, int64_t>& changes) {
  if (event.has_escalation_exhausted()) ++changes[kEscalationsExhausted];
  switch (event.escalated().cause()) {
    case v1::ESCALATION_CAUSE_PERSON:
    case v1::ESCALATION_CAUSE_COMMITMENTS_BROKEN:
      ++changes[kEscalations];
      return;
    case v1::ESCALATION_CAUSE_NOT_ACKNOWLEDGED:
      ++changes[kEscalationsClimbed];
      return;
    default:
      return;
  }
}

void CountRemedies(const v1::OwnershipEvent& event, std::map<std::string, int64_t>& changes) {
  if (event.has_remedy_requested()) ++changes[kRemediesRequested];
  if (event.has_remedy_granted()) {
    ++changes[kRemediesGranted];
    if (!event.remedy_granted().approved_by().empty()) ++changes[kRemediesApproved];
  }
  if (event.has_remedy_declined()) ++changes[kRemediesDeclined];
  if (event.has_remedy_outcome_recorded()) {
    ++changes[event.remedy_outcome_recorded().outcome() == v1::PAYMENT_OUTCOME_PAID ? kRemediesPaid : kPaymentsFailed];
  }
}

// What happened so often, ever: the counters, which never fall. So they come from events, not from what a view says
// now.
void CountForever(const v1::OwnershipEvent& event, std::map<std::string, int64_t>& changes) {
  const auto settle = [&](bool promise, bool kept, bool broken) {
    if (promise && kept) ++changes[kPromisesKept];
    if (promise && broken) ++changes[kPromisesBroken];
    if (!promise && broken) ++changes[kCommitmentsBroken];
  };
  if (event.has_promise_kept()) settle(true, true, false);
  if (event.has_promise_broken()) settle(true, false, true);
  if (event.has_commitment_settled()) {
    const v1::CommitmentSettled& settled = event.commitment_settled();
    settle(settled.kind() == v1::COMMITMENT_KIND_PROMISE, settled.outcome() == v1::COMMITMENT_OUTCOME_KEPT,
           settled.outcome() == v1::COMMITMENT_OUTCOME_BROKEN);
  }
  CountHelp(event, changes);
  CountEscalation(event, changes);
  CountRemedies(event, changes);
  if (event.has_confirmation_taken_back()) ++changes[kConfirmationsTakenBack];
  if (event.has_closed()) {
    const bool confirmed = event.closed().resolution_code() == v1::RESOLUTION_CODE_CONFIRMED;
    ++changes[confirmed ? kClosedConfirmed : kClosedUnconfirmed];
  }
  if (event.has_reopened()) ++changes[kReopenings];
  const bool straight_back = event.handoff_accepted().ping_pong() || event.reassigned().ping_pong();
  if (straight_back) ++changes[kPingPongs];
  const bool back = event.handoff_accepted().returned_after() > 0 || event.reassigned().returned_after() > 0;
  if (back || straight_back) ++changes[kReturns];
}

std::string StreamOf(const std::string& case_id) { return runtime::StreamId{Ownership::kKind, case_id}.ToString(); }

// The rows that follow from the view.
void WriteDerived(const std::string& stream, const View& before, const View& after, store::Batch& batch,
                  std::map<std::string, int64_t> changes = {}) {
  WriteWorklist(RowsOf(before), RowsOf(after), batch);
  WriteWaiting(before, after, batch);
  WriteTimers(stream, before, after, batch);
  WritePayable(before, after, batch);
  CountView(before, -1, changes);
  CountView(after, +1, changes);
  for (const auto& [name, change] : changes) runtime::Count(batch, name, change);
}

// Cases may wait for a rep whose working hours begin.
void WriteAtWork(const v1::PersonView& person, absl::Time now, store::Batch& batch) {
  const std::string stream = "person/" + person.person();
  if (const auto due = kNextAtWork.Get(batch, person.person())) {
    runtime::CancelTimer(batch, absl::FromUnixMicros(*due), stream, kAtWorkTimer);
    kNextAtWork.Delete(batch, person.person());
  }
  const bool takes = person.available() && !person.deactivated() && person.profile().kind() == v1::PERSON_KIND_REP;
  const absl::Time next = takes ? NextAtWork(person, now) : absl::InfiniteFuture();
  if (next == absl::InfiniteFuture()) return;
  runtime::ScheduleTimer(batch, next, stream, kAtWorkTimer);
  kNextAtWork.Put(batch, person.person(), absl::ToUnixMicros(next));
}

void NoteMistake(const std::string& case_id, const std::string& interaction_id, store::Batch& batch) {
  if (!kMistakes.Has(batch, case_id)) kMistakes.Put(batch, case_id, interaction_id);
}

void ApplyToCase(const runtime::AcceptedCommit& commit, const intake::v1::CaseEvent& event, store::Batch& batch) {
  const std::string& case_id = commit.stream.key;
  if (event.has_opened()) {
    const v1::OwnershipStarted opening = OpeningOf(event.opened(), commit.time);
    kOpenings.Put(batch, case_id, opening);
    // The ownership stream takes precedence over the opening, whichever is folded first.
    if (!kViews.Has(batch, case_id)) {
      WriteDerived(StreamOf(case_id), std::nullopt, ViewOf(opening), batch);
    }
    for (const std::string& notice : event.opened().notice_ids()) kLinkedCases.Put(batch, notice, case_id, "");
  } else if (event.has_interaction_recorded()) {
    const auto& recorded = event.interaction_recorded();
    if (recorded.company_mistake()) NoteMistake(case_id, recorded.interaction_id(), batch);
    if (recorded.direction() == intake::v1::DIRECTION_INBOUND) return;
    v1::InteractionNoted told;
    told.set_interaction_id(recorded.interaction_id());
    told.set_case_version(commit.version);
    *told.mutable_at() = runtime::ToProto(commit.time);
    kLastTold.Put(batch, case_id, told);
  } else if (event.has_linked_to_notice()) {
    kLinkedCases.Put(batch, event.linked_to_notice().notice_id(), case_id, "");
  } else if (event.has_interaction_marked_as_mistake()) {
    NoteMistake(case_id, event.interaction_marked_as_mistake().interaction_id(), batch);
  } else if (event.has_unlinked_from_notice()) {
    kLinkedCases.Delete(batch, event.unlinked_from_notice().notice_id(), case_id);
  }
}

}  // namespace

void CaseProjection::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  const bool own = commit.stream.kind == Ownership::kKind;
  if (!own && commit.stream.kind != "case") return;
  const std::string& case_id = commit.stream.key;
  if (!own) {
    for (size_t i = 0; i < commit.events.size(); ++i) {
      ApplyToCase(commit, commit.EventAt<intake::v1::CaseEvent>(i), batch);
    }
    return;
  }
  const View before = FindView(batch, case_id);
  v1::OwnershipView view = before.value_or(v1::OwnershipView());
  std::map<std::string, int64_t> changes;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<v1::OwnershipEvent>(i);
    Evolve(view, event, commit.time);
    CountForever(event, changes);
  }
  view.set_version(commit.version);
  *view.mutable_changed_at() = runtime::ToProto(commit.time);
  kViews.Put(batch, case_id, view);
  WriteDerived(commit.stream.ToString(), before, std::move(view), batch, std::move(changes));
}

void PeopleProjection::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  if (commit.stream.kind == "availability") return ApplyPerson(commit, batch);
  if (commit.stream.kind != "person") return;
  const auto before = kPersons.Get(batch, commit.stream.key);
  ApplyPerson(commit, batch);
  // When somebody is back, cases may wait for them.
  const std::string stream = commit.stream.ToString();
  if (before) {
    for (const auto& absence : before->absences()) {
      runtime::CancelTimer(batch, runtime::FromProto(absence.until()), stream, kBackTimer + absence.absence_id());
    }
  }
  const auto after = kPersons.Get(batch, commit.stream.key);
  WriteAtWork(*after, commit.time, batch);
  for (const auto& absence : after->absences()) {
    runtime::ScheduleTimer(batch, runtime::FromProto(absence.until()), stream, kBackTimer + absence.absence_id());
  }
}

void AuthorityProjection::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  if (commit.stream.kind == Authority::kKind) kAuthority.Put(batch, commit.stream.key, commit.StateOf<Authority>());
}

void ResolvedNotices::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  if (commit.stream.kind != "notice") return;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    if (commit.EventAt<outage::v1::NoticeEvent>(i).has_resolved()) kResolvedNotices.Put(batch, commit.stream.key, "");
  }
}

}  // namespace throughline::ownership

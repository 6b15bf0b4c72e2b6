#include "services/ownership/projections/case_projection.h"

#include <set>

#include "libs/runtime/domain/time.h"
#include "services/ownership/domain/ownership.h"
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
  return opening;
}

void WriteWorklist(const View& before, const View& after, store::Batch& batch) {
  auto old_rows = before ? WorklistRowsOf(*before) : std::map<std::string, std::string>();
  auto new_rows = after ? WorklistRowsOf(*after) : std::map<std::string, std::string>();
  for (const auto& [key, row] : old_rows) {
    if (!new_rows.contains(key)) batch.Delete(key);
  }
  for (auto& [key, row] : new_rows) {
    auto old = old_rows.find(key);
    if (old == old_rows.end() || old->second != row) batch.Put(key, std::move(row));
  }
}

bool Waits(const View& view) { return view && view->unassigned() && !IsClosed(view->status()); }

void WriteWaiting(const View& before, const View& after, store::Batch& batch) {
  if (Waits(after)) {
    kWaitingCases.Put(batch, runtime::FromProto(after->opened_at()), after->case_id(), after->owner());
  } else if (Waits(before)) {
    kWaitingCases.Delete(batch, runtime::FromProto(before->opened_at()), before->case_id());
  }
  const int change = int{Waits(after)} - int{Waits(before)};
  if (change != 0) runtime::Count(batch, kCasesWaiting, change);
}

void ApplyToCase(const runtime::AcceptedCommit& commit, const intake::v1::CaseEvent& event, store::Batch& batch) {
  const std::string& case_id = commit.stream.key;
  if (event.has_opened()) {
    const v1::OwnershipStarted opening = OpeningOf(event.opened(), commit.time);
    kOpenings.Put(batch, case_id, opening);
    // The ownership stream takes precedence over the opening, whichever is folded first.
    if (!kViews.Has(batch, case_id)) {
      const View after = ViewOf(opening);
      WriteWorklist(std::nullopt, after, batch);
      WriteWaiting(std::nullopt, after, batch);
    }
    for (const std::string& notice : event.opened().notice_ids()) kLinkedCases.Put(batch, notice, case_id, "");
  } else if (event.has_linked_to_notice()) {
    kLinkedCases.Put(batch, event.linked_to_notice().notice_id(), case_id, "");
  }
}

std::set<std::pair<absl::Time, std::string>> TimersOf(const View& view) {
  std::set<std::pair<absl::Time, std::string>> timers;
  if (!view) return timers;
  for (const auto& promise : view->promises()) {
    if (promise.status() != v1::PROMISE_STATUS_OPEN) continue;
    timers.emplace(runtime::FromProto(promise.due()), kPromiseTimer + promise.promise_id());
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

// Adds (`sign` +1) or subtracts (-1) the view's share of the counters.
void CountView(const View& view, int sign, std::map<std::string, int64_t>& changes) {
  if (!view) return;
  for (const auto& promise : view->promises()) {
    const bool open = promise.status() == v1::PROMISE_STATUS_OPEN;
    const bool kept = promise.status() == v1::PROMISE_STATUS_KEPT;
    changes[open ? kPromisesOpen : kept ? kPromisesKept : kPromisesBroken] += sign;
  }
  if (view->status() == v1::CASE_STATUS_CLOSED_CONFIRMED) changes[kClosedConfirmed] += sign;
  if (view->status() == v1::CASE_STATUS_CLOSED_UNCONFIRMED) changes[kClosedUnconfirmed] += sign;
  changes[kReopenings] += sign * static_cast<int64_t>(view->reopen_count());
  changes[kPingPongs] += sign * static_cast<int64_t>(view->ping_pong_count());
  if (view->has_handoff()) changes[kHandoffsOpen] += sign;
}

}  // namespace

void CaseProjection::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  const bool own = commit.stream.kind == Ownership::kKind;
  if (!own && commit.stream.kind != "case") return;
  const std::string& case_id = commit.stream.key;
  if (!own) {  // an opening has no timers and no share of the counters
    for (size_t i = 0; i < commit.events.size(); ++i) {
      ApplyToCase(commit, commit.EventAt<intake::v1::CaseEvent>(i), batch);
    }
    return;
  }
  const View before = FindView(batch, case_id);
  v1::OwnershipView view = before.value_or(v1::OwnershipView());
  for (size_t i = 0; i < commit.events.size(); ++i) {
    Evolve(view, commit.EventAt<v1::OwnershipEvent>(i), commit.time);
  }
  view.set_version(commit.version);
  *view.mutable_changed_at() = runtime::ToProto(commit.time);
  kViews.Put(batch, case_id, view);
  const View after = std::move(view);
  WriteWorklist(before, after, batch);
  WriteWaiting(before, after, batch);
  WriteTimers(commit.stream.ToString(), before, after, batch);
  std::map<std::string, int64_t> changes;
  CountView(before, -1, changes);
  CountView(after, +1, changes);
  for (const auto& [name, change] : changes) runtime::Count(batch, name, change);
}

void PeopleProjection::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  const auto before = kPersons.Get(batch, commit.stream.key);
  ApplyPerson(commit, batch);
  if (commit.stream.kind != "person") return;
  // When somebody is back, cases may wait for them.
  const std::string stream = commit.stream.ToString();
  if (before) {
    for (const auto& absence : before->absences()) {
      runtime::CancelTimer(batch, runtime::FromProto(absence.until()), stream, kBackTimer + absence.absence_id());
    }
  }
  const auto after = kPersons.Get(batch, commit.stream.key);
  for (const auto& absence : after->absences()) {
    runtime::ScheduleTimer(batch, runtime::FromProto(absence.until()), stream, kBackTimer + absence.absence_id());
  }
}

void ResolvedNotices::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  if (commit.stream.kind != "notice") return;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    if (commit.EventAt<outage::v1::NoticeEvent>(i).has_resolved()) kResolvedNotices.Put(batch, commit.stream.key, "");
  }
}

}  // namespace throughline::ownership

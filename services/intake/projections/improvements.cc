// kImprovements, kImprovementsOwed and kOccurrences, their timers and counters.

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"

#include "libs/runtime/domain/time.h"
#include "services/intake/domain/improvement.h"
#include "services/intake/projections/learning.h"
#include "throughline/supplier/v1/order.pb.h"

namespace throughline::intake {
namespace {

using runtime::FromProto;
using runtime::ToProto;

constexpr int kMostChanges = 20;

// False for what was named already.
bool AddEvidence(v1::ImprovementView& view, const std::string& id) {
  auto& all = *view.mutable_evidence_ids();
  if (absl::c_linear_search(all, id)) return false;
  *all.Add() = id;
  if (all.size() > kMostEvidence) all.DeleteSubrange(0, all.size() - kMostEvidence);
  return true;
}

void OpenImprovement(v1::ImprovementView& view, const v1::ImprovementOpened& opened, absl::Time time) {
  view.Clear();
  view.set_kind(opened.kind());
  view.set_status(v1::IMPROVEMENT_STATUS_OPEN);
  view.set_occurrence(opened.occurrence());
  view.set_team(opened.team());
  view.set_owed_by(opened.owed_by());
  *view.mutable_owed_since() = ToProto(time);
  view.set_reason(opened.reason());
  view.set_raised_by(opened.raised_by());
  *view.mutable_opened_at() = ToProto(time);
  view.set_count(opened.count());
  *view.mutable_policy() = opened.policy();
  *view.mutable_answer_due() = opened.answer_due();
}

void AddChange(v1::ImprovementView& view, const v1::ImprovementChangeRecorded& recorded, absl::Time time) {
  view.set_status(v1::IMPROVEMENT_STATUS_MEASURED);
  view.clear_answer_due();
  *view.mutable_measured_at() = recorded.measured_at();
  auto& change = *view.add_changes();
  change.set_by(recorded.by());
  *change.mutable_at() = ToProto(time);
  change.set_text(recorded.text());
  if (view.changes_size() > kMostChanges) view.mutable_changes()->DeleteSubrange(0, 1);
}

void Measured(v1::ImprovementView& view, uint32_t count) {
  view.clear_measured_at();
  if (view.changes_size() > 0) view.mutable_changes(view.changes_size() - 1)->set_count(count);
}

void EvolveImprovement(v1::ImprovementView& view, const v1::ImprovementEvent& event, absl::Time time) {
  using Event = v1::ImprovementEvent;
  switch (event.event_case()) {
    case Event::kOpened:
      return OpenImprovement(view, event.opened(), time);
    case Event::kChangeRecorded:
      return AddChange(view, event.change_recorded(), time);
    case Event::kClosed:
      Measured(view, event.closed().count());
      view.set_status(v1::IMPROVEMENT_STATUS_CLOSED);
      *view.mutable_closed_at() = ToProto(time);
      return;
    case Event::kNotReached:
      Measured(view, event.not_reached().count());
      view.set_status(v1::IMPROVEMENT_STATUS_OPEN);
      *view.mutable_answer_due() = event.not_reached().answer_due();
      return;
    case Event::kAnswerMissed:
      view.set_missed(true);
      return;
    case Event::kRouted:
      view.set_team(event.routed().to_team());
      view.set_owed_by(event.routed().to());
      *view.mutable_owed_since() = ToProto(time);
      return;
    case Event::kRaisedAgain:
    case Event::EVENT_NOT_SET:
      return;
  }
}

template <typename Raised>
void NoteEvidence(const Raised& raised, const std::string& kind, absl::Time time, v1::ImprovementView& view,
                  store::Batch& batch) {
  for (const std::string& id : raised.evidence_ids()) {
    if (AddEvidence(view, id) && !IsCounted(kind)) kOccurrences.Put(batch, kind, store::Descending{time}, id, "");
  }
}

// The faults that an order's concerns name.
void NoteFaults(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const std::string& fault = commit.EventAt<supplier::v1::OrderEvent>(i).concern_raised().concern().fault();
    if (fault.empty()) continue;
    kOccurrences.Put(batch, FaultKind(fault), store::Descending{commit.time}, commit.stream.ToString(), "");
  }
}

bool IsOwedNow(const v1::ImprovementView& view) {
  return view.status() == v1::IMPROVEMENT_STATUS_OPEN || view.status() == v1::IMPROVEMENT_STATUS_MEASURED;
}

// When, and which.
std::set<std::pair<absl::Time, std::string>> TimersWith(const v1::ImprovementView& view) {
  if (view.has_measured_at()) return {{FromProto(view.measured_at()), kMeasureTimer}};
  if (view.status() == v1::IMPROVEMENT_STATUS_OPEN) return {{FromProto(view.answer_due()), kAnswerTimer}};
  return {};
}

}  // namespace

void ImprovementsProjection::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  if (commit.stream.kind == "order") return NoteFaults(commit, batch);
  if (commit.stream.kind != Improvement::kKind) return;
  const std::string& kind = commit.stream.key;
  const v1::ImprovementView before = kImprovements.Get(batch, kind).value_or(v1::ImprovementView());
  v1::ImprovementView after = before;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<v1::ImprovementEvent>(i);
    EvolveImprovement(after, event, commit.time);
    if (event.has_opened()) NoteEvidence(event.opened(), kind, commit.time, after, batch);
    if (event.has_raised_again()) NoteEvidence(event.raised_again(), kind, commit.time, after, batch);
    if (event.has_opened()) runtime::Count(batch, kImprovementsOpened, 1);
    if (event.has_closed()) runtime::Count(batch, kImprovementsClosed, 1);
  }
  after.set_version(commit.version);
  kImprovements.Put(batch, kind, after);
  if (IsOwedNow(before)) kImprovementsOwed.Delete(batch, before.owed_by(), kind);
  if (IsOwedNow(after)) kImprovementsOwed.Put(batch, after.owed_by(), kind, "");
  runtime::Count(batch, kImprovementsOpen, IsOwedNow(after) - IsOwedNow(before));
  const auto overdue = [](const v1::ImprovementView& view) { return view.has_answer_due() && view.missed(); };
  runtime::Count(batch, kImprovementsOverdue, overdue(after) - overdue(before));
  const std::string stream = commit.stream.ToString();
  const auto was = TimersWith(before), is = TimersWith(after);
  for (const auto& [due, name] : was) {
    if (!is.contains({due, name})) runtime::CancelTimer(batch, due, stream, name);
  }
  for (const auto& [due, name] : is) {
    if (!was.contains({due, name})) runtime::ScheduleTimer(batch, due, stream, name);
  }
}

std::vector<std::string> Occurrences(const store::KeyValue& reader, const std::string& kind, absl::Time from,
                                     absl::Time until, size_t most) {
  const std::string component = ComponentKind("");
  const bool cases = absl::StartsWith(kind, component);
  const ListTable& table = cases ? kByComponent : kOccurrences;
  const std::string list = cases ? kind.substr(component.size()) : kind;
  std::vector<std::string> ids;
  if (most == 0) return ids;
  table.Scan(
      reader, table.KeyOf(list, store::Descending{until}),
      [&](std::string_view, const auto& key, const std::string&) {
        if (std::get<1>(key).time <= from) return false;
        ids.push_back(std::get<2>(key));
        return ids.size() < most;
      },
      list);
  return ids;
}

}  // namespace throughline::intake

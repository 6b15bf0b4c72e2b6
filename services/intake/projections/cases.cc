#include "services/intake/projections/cases.h"

#include <map>

#include "absl/algorithm/container.h"

#include "libs/runtime/domain/time.h"
#include "libs/runtime/fold/last_change.h"
#include "services/intake/projections/case_rows.h"
#include "services/intake/projections/standing.h"
#include "services/ownership/people/people.h"

namespace throughline::intake {
namespace {

// Whether a person, not one of our services, made the commit.
bool ByPerson(const runtime::AcceptedCommit& commit) {
  return absl::c_any_of(commit.header->actor().roles(),
                        [](int role) { return role == common::v1::ROLE_REP || role == common::v1::ROLE_SUPERVISOR; });
}

void ApplyToStanding(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  using Event = ownership::v1::OwnershipEvent;
  v1::StandingRow row;
  if (commit.version > 1) row = kStandings.Get(batch, commit.stream.key).value_or(v1::StandingRow());
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<Event>(i);
    switch (event.event_case()) {
      case Event::kStarted:
        row.set_owner(event.started().owner());
        row.set_customer_id(event.started().customer_id());
        row.set_status(ownership::v1::CASE_STATUS_OPEN);
        break;
      case Event::kHandoffAccepted:
        row.set_owner(event.handoff_accepted().to());
        break;
      case Event::kReassigned:
        row.set_owner(event.reassigned().to());
        break;
      case Event::kResolutionProposed:
        row.set_status(ownership::v1::CASE_STATUS_RESOLUTION_PROPOSED);
        break;
      case Event::kResolutionConfirmed:
        row.set_status(ownership::v1::CASE_STATUS_RESOLVED_CONFIRMED);
        break;
      case Event::kResolutionRejected:
      case Event::kReopened:
      case Event::kConfirmationTakenBack:
        row.set_status(ownership::v1::CASE_STATUS_OPEN);
        break;
      case Event::kClosed:
        row.set_status(event.closed().resolution_code() == ownership::v1::RESOLUTION_CODE_CONFIRMED
                           ? ownership::v1::CASE_STATUS_CLOSED_CONFIRMED
                           : ownership::v1::CASE_STATUS_CLOSED_UNCONFIRMED);
        *row.mutable_closed_at() = runtime::ToProto(commit.time);
        break;
      case Event::kMerged:
        row.set_status(ownership::v1::CASE_STATUS_CLOSED_MERGED);
        row.set_merged_into_case_id(event.merged().into_case_id());
        *row.mutable_closed_at() = runtime::ToProto(commit.time);
        break;
      case Event::kHandoffOffered:
      case Event::kHandoffDeclined:
      case Event::kHandoffWithdrawn:
      case Event::kHandoffExpired:
      case Event::kPromiseMade:
      case Event::kPromiseKept:
      case Event::kPromiseRenegotiated:
      case Event::kPromiseBroken:
      case Event::kWorkNoteAdded:
      case Event::kInteractionNoted:
      case Event::kCommitmentMade:
      case Event::kCommitmentRenegotiated:
      case Event::kCommitmentSettled:
      case Event::kInteractionAcknowledged:
      case Event::kClosingAnnounced:
      case Event::kAbsorbed:
      case Event::kConfirmationRequested:
      case Event::EVENT_NOT_SET:
        break;
    }
  }
  if (ByPerson(commit)) row.set_taken(true);
  *row.mutable_last_change() = runtime::LastChangeAt(commit.position);
  kStandings.Put(batch, commit.stream.key, row);
}

void AddLoad(store::Batch& batch, const std::string& person, int64_t change) {
  const int64_t load = kLoads.Get(batch, person).value_or(0) + change;
  load == 0 ? kLoads.Delete(batch, person) : kLoads.Put(batch, person, load);
  if (kAvailableReps.Has(batch, person)) kAvailableReps.Put(batch, person, load);
}

}  // namespace

void CasesProjection::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  if (commit.stream.kind == "matter") ApplyToMatter(commit, batch);
  const bool own = commit.stream.kind == "case";
  if (!own && commit.stream.kind != "ownership") return;
  const std::string& case_id = commit.stream.key;
  const bool first = own && commit.version == 1;  // saves the lookup
  const auto before = first ? std::nullopt : FindStanding(batch, case_id);
  std::optional<Standing> after;
  if (own) {
    const v1::CaseRow row = ApplyToCase(commit, batch);
    after = StandingOf(row, kStandings.Get(batch, case_id));
  } else {
    ApplyToStanding(commit, batch);
    after = FindStanding(batch, case_id);
  }
  WriteStandingRows(before, after, batch);
  if (before && before->open()) AddLoad(batch, before->owner, -1);
  if (after && after->open()) AddLoad(batch, after->owner, +1);
  const auto open = [](const std::optional<Standing>& s) { return s && s->open() ? 1 : 0; };
  runtime::Count(batch, kOpenCases, open(after) - open(before));
  const auto untaken = [](const std::optional<Standing>& s) { return s && s->open() && !s->taken ? 1 : 0; };
  runtime::Count(batch, kUntakenCases, untaken(after) - untaken(before));
  batch.Notify("case/" + case_id);
}

int64_t CasesWithoutOwner(const store::KeyValue& reader) {
  std::map<std::string, int64_t> loads;  // as many as people work here
  kLoads.Scan(reader, "", [&](std::string_view, const auto& key, int64_t load) {
    loads[std::get<0>(key)] = load;
    return true;
  });
  int64_t cases = 0;
  for (const auto& [person, load] : loads) {
    if (!ownership::CheckActive(ownership::kPersons.Get(reader, person), person).ok()) cases += load;
  }
  return cases;
}

void RosterProjection::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  if (commit.stream.kind != "person" && commit.stream.kind != "availability") return;
  ownership::ApplyPerson(commit, batch);
  const auto person = ownership::kPersons.Get(batch, commit.stream.key);
  if (!person) return;
  if (person->available() && person->profile().kind() == ownership::v1::PERSON_KIND_REP) {
    kAvailableReps.Put(batch, person->person(), kLoads.Get(batch, person->person()).value_or(0));
  } else {
    kAvailableReps.Delete(batch, person->person());
  }
}

}  // namespace throughline::intake

#include "services/intake/projections/cases.h"

#include <map>

#include "absl/algorithm/container.h"

#include "libs/runtime/domain/time.h"
#include "libs/runtime/fold/last_change.h"
#include "services/intake/projections/case_rows.h"
#include "services/intake/projections/standing.h"
#include "services/ownership/people/people.h"
#include "services/ownership/standing/standing.h"

namespace throughline::intake {
namespace {

// Whether a person, not one of our services, made the commit.
bool ByPerson(const runtime::AcceptedCommit& commit) {
  return absl::c_any_of(commit.header->actor().roles(),
                        [](int role) { return role == common::v1::ROLE_REP || role == common::v1::ROLE_SUPERVISOR; });
}

void ApplyToStanding(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  v1::StandingRow row;
  if (commit.version > 1) row = kStandings.Get(batch, commit.stream.key).value_or(v1::StandingRow());
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<ownership::v1::OwnershipEvent>(i);
    if (event.has_started()) row.set_customer_id(event.started().customer_id());
    const ownership::StandingChange change = ownership::ChangeOf(event);
    if (change.owner) row.set_owner(*change.owner);
    if (change.merged_into_case_id) row.set_merged_into_case_id(*change.merged_into_case_id);
    if (!change.status) continue;
    row.set_status(*change.status);
    if (ownership::IsClosed(*change.status)) *row.mutable_closed_at() = runtime::ToProto(commit.time);
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

#include "services/ownership/authority/deciders.h"

#include <set>

#include "absl/algorithm/container.h"

#include "libs/calendar/due.h"
#include "services/ownership/people/people.h"
#include "services/ownership/projections/tables.h"

namespace throughline::ownership {

std::vector<std::string> DecidersAbove(const store::KeyValue& reader, const std::string& person,
                                       const std::string& asked_by, absl::Time now, const std::string& last_resort) {
  std::vector<std::string> deciders;
  std::set<std::string> seen = {person};
  std::optional<std::string> above = Above(reader, person, now, last_resort);
  // Two supervisors whom nobody is named above stand above each other.
  while (above && seen.insert(*above).second) {
    const auto row = kPersons.Get(reader, *above);
    const bool decides = row && !row->deactivated() && row->profile().kind() == v1::PERSON_KIND_SUPERVISOR;
    if (decides && *above != asked_by) deciders.push_back(*above);
    above = Above(reader, *above, now, last_resort);
  }
  return deciders;
}

v1::PersonProfile ProfileOf(const store::KeyValue& reader, const runtime::Caller& caller) {
  if (const auto row = kPersons.Get(reader, caller.id)) return row->profile();
  v1::PersonProfile profile;
  profile.set_kind(caller.Is(common::v1::ROLE_SUPERVISOR) ? v1::PERSON_KIND_SUPERVISOR : v1::PERSON_KIND_REP);
  profile.set_team(caller.team);
  return profile;
}

bool HasMistake(const store::KeyValue& reader, const v1::OwnershipView& view) {
  return kMistakes.Has(reader, view.case_id()) ||
         absl::c_any_of(view.absorbed_case_ids(),
                        [&](const std::string& case_id) { return kMistakes.Has(reader, case_id); });
}

absl::Time DueWithin(const std::string& words, const AuthorityPolicy& policy, const calendar::Calendars& calendars,
                     absl::Time now) {
  const calendar::Calendar* calendar = calendars.Find(policy.calendar);
  const auto due = calendar::ParseDue(words);
  if (calendar != nullptr && due.ok()) {
    const auto time = calendar::Resolve(*due, *calendar, now);
    if (time.ok() && *time > now) return *time;
  }
  return now + absl::Hours(24);  // a calendar that is never open again
}

}  // namespace throughline::ownership

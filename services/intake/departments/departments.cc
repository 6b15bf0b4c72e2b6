#include "services/intake/departments/departments.h"

#include "absl/strings/match.h"

#include "services/intake/domain/improvement.h"
#include "services/intake/projections/tables.h"
#include "services/ownership/people/people.h"

namespace throughline::intake {
namespace {

Department OfPerson(const store::KeyValue& reader, const std::string& person) {
  const auto row = ownership::kPersons.Get(reader, person);
  return {row ? row->profile().team() : std::string(), person, v1::SUGGESTION_ROUTING_DEFAULT};
}

}  // namespace

Department Departments::OfTeam(const store::KeyValue& reader, const std::string& team, absl::Time now) const {
  return {team, ownership::AnswersFor(reader, team, now).value_or(std::string()), v1::SUGGESTION_ROUTING_NAMED};
}

Department Departments::Default(const store::KeyValue& reader, absl::Time now) const {
  if (routes_ && !routes_->by_default.empty()) {
    Department department = OfTeam(reader, routes_->by_default, now);
    department.routing = v1::SUGGESTION_ROUTING_DEFAULT;
    if (!department.person.empty()) return department;
  }
  const auto supervisor = ownership::Above(reader, "", now, last_resort_);
  return supervisor ? OfPerson(reader, *supervisor) : Department{"", "", v1::SUGGESTION_ROUTING_DEFAULT};
}

Department Departments::OfSuggestion(const store::KeyValue& reader, const std::string& team, const std::string& text,
                                     absl::Time now) const {
  if (!team.empty()) return OfTeam(reader, team, now);
  std::string word;
  if (const Route* route = routes_ ? RouteByWords(*routes_, text, &word) : nullptr) {
    Department department = OfTeam(reader, route->team, now);
    department.routing = v1::SUGGESTION_ROUTING_WORDS;
    department.matched = word;
    if (!department.person.empty()) return department;
  }
  return Default(reader, now);
}

Department Departments::OfKind(const store::KeyValue& reader, const std::string& team, const std::string& kind,
                               absl::Time now) const {
  if (!team.empty()) return OfTeam(reader, team, now);
  if (const Route* route = routes_ ? RouteByKind(*routes_, kind) : nullptr) {
    Department department = OfTeam(reader, route->team, now);
    if (!department.person.empty()) return department;
  }
  const std::string component = ComponentKind("");
  if (absl::StartsWith(kind, component)) {
    const auto row = kComponents.Get(reader, kind.substr(component.size()));
    const auto owner = row ? ownership::kPersons.Get(reader, row->owner()) : std::nullopt;
    if (owner && ownership::CheckActive(owner, row->owner()).ok()) return OfPerson(reader, row->owner());
  }
  return Default(reader, now);
}

CallersPlace Departments::PlaceOf(const store::KeyValue& reader, const runtime::Caller& caller,
                                  const std::string& owed_by, absl::Time now, const std::string& last_resort) {
  CallersPlace place;
  if (const auto row = ownership::kPersons.Get(reader, caller.id)) place.team = row->profile().team();
  place.stands_above = ownership::ReportsTo(reader, owed_by, caller.id) ||
                       ownership::Above(reader, owed_by, now, last_resort) == caller.id;
  return place;
}

}  // namespace throughline::intake

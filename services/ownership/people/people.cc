#include "services/ownership/people/people.h"

#include <algorithm>
#include <set>

#include "absl/algorithm/container.h"

#include "libs/calendar/calendar.h"
#include "libs/calendar/zone.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "throughline/ownership/v1/availability.pb.h"
#include "throughline/ownership/v1/person.pb.h"

namespace throughline::ownership {
namespace {

bool IsActiveSupervisor(const v1::PersonView& person) {
  return !person.deactivated() && person.profile().kind() == v1::PERSON_KIND_SUPERVISOR;
}

void WriteLists(const v1::PersonView& person, bool put, store::Batch& batch) {
  const auto write = [&](const TeamTable& table) {
    if (put) {
      table.Put(batch, person.profile().team(), person.person(), "");
    } else {
      table.Delete(batch, person.profile().team(), person.person());
    }
  };
  write(kTeams);
  if (IsActiveSupervisor(person)) write(kSupervisors);
  if (IsActiveSupervisor(person) && person.on_duty()) write(kOnDuty);
}

void Replace(const std::optional<v1::PersonView>& before, const v1::PersonView& after, store::Batch& batch) {
  if (before) WriteLists(*before, false, batch);
  WriteLists(after, true, batch);
  kPersons.Put(batch, after.person(), after);
}

void Evolve(v1::PersonView& person, const v1::PersonEvent& event, absl::Time time) {
  using Event = v1::PersonEvent;
  switch (event.event_case()) {
    case Event::kIntroduced:
      person.set_person(event.introduced().person());
      *person.mutable_profile() = event.introduced().profile();
      person.set_available(event.introduced().available());
      person.set_on_duty(event.introduced().on_duty());
      *person.mutable_introduced_at() = runtime::ToProto(time);
      return;
    case Event::kProfileChanged:
      *person.mutable_profile() = event.profile_changed().profile();
      if (person.profile().kind() == v1::PERSON_KIND_REP) person.set_on_duty(false);
      return;
    case Event::kAvailabilityChanged:
      person.set_available(event.availability_changed().available());
      person.set_on_duty(event.availability_changed().on_duty());
      return;
    case Event::kAbsencePlanned: {
      const auto& planned = event.absence_planned();
      auto& absences = *person.mutable_absences();
      absences.erase(std::remove_if(absences.begin(), absences.end(),
                                    [&](const v1::AbsenceView& absence) {
                                      return runtime::FromProto(absence.until()) <=
                                             runtime::FromProto(planned.planned_at());
                                    }),
                     absences.end());
      auto& absence = *absences.Add();
      absence.set_absence_id(planned.absence_id());
      *absence.mutable_from() = planned.from();
      *absence.mutable_until() = planned.until();
      absence.set_reason(planned.reason());
      std::sort(absences.begin(), absences.end(), [](const v1::AbsenceView& a, const v1::AbsenceView& b) {
        return std::pair(runtime::FromProto(a.from()), a.absence_id()) <
               std::pair(runtime::FromProto(b.from()), b.absence_id());
      });
      return;
    }
    case Event::kAbsenceEnded: {
      auto& absences = *person.mutable_absences();
      absences.erase(std::remove_if(absences.begin(), absences.end(),
                                    [&](const v1::AbsenceView& absence) {
                                      return absence.absence_id() == event.absence_ended().absence_id();
                                    }),
                     absences.end());
      return;
    }
    case Event::kDeactivated:
      person.set_deactivated(true);
      person.set_deactivation_reason(event.deactivated().reason());
      person.set_available(false);
      person.set_on_duty(false);
      return;
    case Event::kReactivated:
      person.set_deactivated(false);
      person.clear_deactivation_reason();
      return;
    case Event::kWorkItemAcknowledged:
    case Event::kWorkItemSnoozed:
    case Event::kWorkingHoursBegan:
    case Event::EVENT_NOT_SET:
      return;
  }
}

void ApplyAvailability(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  const auto before = kPersons.Get(batch, commit.stream.key);
  if (before && before->version() > 0) return;  // the person has a stream
  v1::PersonView person;
  const auto& set = commit.EventAt<v1::AvailabilityEvent>(commit.events.size() - 1).set();
  person.set_person(set.person());
  person.mutable_profile()->set_kind(set.kind());
  person.mutable_profile()->set_team(set.team());
  person.set_available(set.available());
  person.set_on_duty(set.on_duty());
  Replace(before, person, batch);
}

// The first of the table's supervisors, in the order of team and name, that is not `except` and that `fits`.
template <typename Fits, typename... Prefix>
std::optional<std::string> First(const TeamTable& table, const store::KeyValue& reader, const std::string& except,
                                 const Fits& fits, const Prefix&... team) {
  std::vector<std::string> persons;  // `fits` reads rows, which a scan must not
  table.Scan(
      reader, "",
      [&](std::string_view, const auto& key, const std::string&) {
        if (std::get<1>(key) != except) persons.push_back(std::get<1>(key));
        return true;
      },
      team...);
  const auto found = absl::c_find_if(persons, fits);
  if (found == persons.end()) return std::nullopt;
  return *found;
}

template <typename Fits>
std::optional<std::string> FirstOfTeamElseAny(const TeamTable& table, const store::KeyValue& reader,
                                              const std::string& team, const std::string& except, const Fits& fits) {
  if (!team.empty()) {
    if (auto near = First(table, reader, except, fits, team)) return near;
  }
  return First(table, reader, except, fits);
}

class PeopleProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override { ApplyPerson(commit, batch); }
};

}  // namespace

std::string RosterTables() {
  return {kPersons.first_byte(), kOnDuty.first_byte(), kSupervisors.first_byte(), kTeams.first_byte()};
}

void FoldPeople(runtime::Definition& definition) {
  definition.types.Add(runtime::StreamType::Foreign<v1::PersonEvent>(log::Topic::kOwnership, "person"));
  definition.types.Add(runtime::StreamType::Foreign<v1::AvailabilityEvent>(log::Topic::kOwnership, "availability"));
  definition.projections.push_back(std::make_unique<PeopleProjection>());
  definition.resident += RosterTables();
}

void ApplyPerson(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  if (commit.stream.kind == "availability") return ApplyAvailability(commit, batch);
  if (commit.stream.kind != "person") return;
  const auto before = kPersons.Get(batch, commit.stream.key);
  // What was known before the stream began is in its first event, as far as it counts.
  v1::PersonView person = before && before->version() > 0 ? *before : v1::PersonView();
  for (size_t i = 0; i < commit.events.size(); ++i) Evolve(person, commit.EventAt<v1::PersonEvent>(i), commit.time);
  person.set_version(commit.version);
  Replace(before, person, batch);
}

bool IsDeactivation(const runtime::AcceptedCommit& commit) {
  return commit.stream.kind == "person" && absl::c_any_of(commit.events, [](const runtime::MessagePtr& message) {
           return static_cast<const v1::PersonEvent&>(*message).has_deactivated();
         });
}

bool IsAbsent(const v1::PersonView& person, absl::Time now) {
  return absl::c_any_of(person.absences(), [&](const v1::AbsenceView& absence) {
    return runtime::FromProto(absence.from()) <= now && now < runtime::FromProto(absence.until());
  });
}

bool IsAtWork(const v1::PersonView& person, absl::Time now) {
  const auto& hours = person.profile().working_hours();
  if (hours.periods().empty()) return true;
  const auto zone = calendar::FindZone(hours.zone());
  if (!zone) return true;  // a zone that this machine does not know
  const absl::CivilMinute shown(zone->At(now).cs);
  const uint32_t weekday = static_cast<uint32_t>(absl::GetWeekday(absl::CivilDay(shown))) + 1;
  const auto minute = static_cast<uint32_t>(shown.hour() * 60 + shown.minute());
  return absl::c_any_of(hours.periods(), [&](const v1::WorkingPeriod& period) {
    return period.weekday() == weekday && period.from_minute() <= minute && minute < period.until_minute();
  });
}

absl::Time NextAtWork(const v1::PersonView& person, absl::Time time) {
  const auto& hours = person.profile().working_hours();
  const auto zone = calendar::FindZone(hours.zone());
  if (hours.periods().empty() || !zone) return absl::InfiniteFuture();
  calendar::CalendarRules rules;
  rules.zone = *zone;
  for (const auto& period : hours.periods()) {
    if (period.weekday() < 1 || period.weekday() > 7) continue;
    rules.week[period.weekday() - 1].push_back(
        {static_cast<int>(period.from_minute()), static_cast<int>(period.until_minute())});
  }
  const auto calendar = calendar::Calendar::Make(std::move(rules));
  return calendar.ok() ? calendar->NextBeginning(time) : absl::InfiniteFuture();
}

bool TakesCases(const v1::PersonView& person, absl::Time now) {
  return person.available() && !person.deactivated() && person.profile().kind() == v1::PERSON_KIND_REP &&
         !IsAbsent(person, now) && IsAtWork(person, now);
}

absl::Status CheckActive(const std::optional<v1::PersonView>& row, const std::string& person) {
  if (!row) {
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "PERSON_UNKNOWN",
                           "nobody called `" + person +
                               "` is known, and only a rep or supervisor of ours can own or answer: check the name; a "
                               "person becomes known by their first call, or when a supervisor adds them");
  }
  if (row->deactivated()) {
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "PERSON_DEACTIVATED",
                           "`" + person + "` is deactivated and can own or answer for nothing: name somebody else");
  }
  return absl::OkStatus();
}

absl::Status CheckCaller(const store::KeyValue& reader, const runtime::Caller& caller) {
  if (!caller.Is(common::v1::ROLE_REP) && !caller.Is(common::v1::ROLE_SUPERVISOR)) return absl::OkStatus();
  const auto row = kPersons.Get(reader, caller.id);
  if (!row || !row->deactivated()) return absl::OkStatus();
  return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "PERSON_DEACTIVATED",
                         "you are deactivated and can change nothing: ask a supervisor to reactivate you");
}

std::optional<std::string> SupervisorOnDuty(const store::KeyValue& reader, const std::string& team,
                                            const std::string& except, absl::Time now) {
  const auto is_here = [&](const std::string& person) {
    const auto row = kPersons.Get(reader, person);
    return row && !IsAbsent(*row, now);
  };
  const auto is_at_work = [&](const std::string& person) {
    const auto row = kPersons.Get(reader, person);
    return row && !IsAbsent(*row, now) && IsAtWork(*row, now);
  };
  auto at_work = FirstOfTeamElseAny(kOnDuty, reader, team, except, is_at_work);
  return at_work ? at_work : FirstOfTeamElseAny(kOnDuty, reader, team, except, is_here);
}

std::optional<std::string> Above(const store::KeyValue& reader, const std::string& person, absl::Time now,
                                 const std::string& last_resort) {
  const auto row = kPersons.Get(reader, person);
  const std::string team = row ? row->profile().team() : std::string();
  const auto is_here = [&](const std::string& other) {
    const auto found = kPersons.Get(reader, other);
    return found && IsActiveSupervisor(*found) && !IsAbsent(*found, now);
  };
  if (row && row->profile().reports_to() != person && is_here(row->profile().reports_to())) {
    return row->profile().reports_to();
  }
  if (auto on_duty = SupervisorOnDuty(reader, team, person, now)) return on_duty;
  if (auto here = FirstOfTeamElseAny(kSupervisors, reader, team, person, is_here)) return here;
  const auto last = kPersons.Get(reader, last_resort);
  const bool has_last = last_resort != person && CheckActive(last, last_resort).ok();
  if (has_last && !IsAbsent(*last, now)) return last_resort;
  auto away = FirstOfTeamElseAny(kSupervisors, reader, team, person, [](const std::string&) { return true; });
  if (away || !has_last) return away;
  return last_resort;
}

std::optional<std::string> AnswersFor(const store::KeyValue& reader, const std::string& team, absl::Time now) {
  std::vector<std::string> members;  // a scan must not read other rows
  kTeams.Scan(
      reader, "",
      [&](std::string_view, const auto& key, const std::string&) {
        members.push_back(std::get<1>(key));
        return true;
      },
      team);
  constexpr int kNobody = 5;
  const auto rank = [&](const v1::PersonView& person) {
    const bool here = !IsAbsent(person, now);
    if (person.deactivated()) return kNobody;
    if (IsActiveSupervisor(person)) return !here ? 4 : person.on_duty() ? 0 : 1;
    return !here ? kNobody : person.available() ? 2 : 3;
  };
  std::optional<std::string> best;
  int least = kNobody;
  for (const std::string& member : members) {
    const auto person = kPersons.Get(reader, member);
    if (!person || rank(*person) >= least) continue;
    least = rank(*person);
    best = member;
  }
  return best;
}

void WhoTakesOver(const store::KeyValue& reader, const std::string& person, const std::string& last_resort,
                  runtime::Reactions& reactions, const std::function<void(const std::string& above)>& take_over) {
  const auto row = kPersons.Get(reader, person);
  if (!row || !row->deactivated()) return;
  if (const auto above = Above(reader, person, reactions.now(), last_resort)) return take_over(*above);
  reactions.NotYet("nobody stands above `" + person + "`, who was deactivated: add a supervisor");
}

bool ReportsTo(const store::KeyValue& reader, const std::string& lower, const std::string& upper) {
  std::set<std::string> seen;
  std::string person = lower;
  while (!person.empty() && seen.insert(person).second) {
    const auto row = kPersons.Get(reader, person);
    if (!row) return false;
    person = row->profile().reports_to();
    if (person == upper) return true;
  }
  return false;
}

}  // namespace throughline::ownership

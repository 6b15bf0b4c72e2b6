#include "services/ownership/domain/people/person.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "google/protobuf/util/message_differencer.h"

#include "libs/runtime/domain/fields.h"
#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/time.h"
#include "services/ownership/domain/draft.h"

namespace throughline::ownership {
namespace {

using common::v1::ROLE_REP;
using common::v1::ROLE_SUPERVISOR;
using google::protobuf::util::MessageDifferencer;
using Events = std::vector<v1::PersonEvent>;

constexpr char kRoleOfCredential[] =
    "is not the role of the person's credential: leave it out, or give them another one";

bool IsKnown(const v1::PersonState& state) { return state.profile().kind() != v1::PERSON_KIND_UNSPECIFIED; }
bool IsStaffManager(const runtime::Caller& caller) {
  return caller.Is(ROLE_SUPERVISOR) || caller.Is(common::v1::ROLE_ADMIN);
}
const std::string& PersonOf(const std::string& named, const runtime::Caller& caller) {
  return named.empty() ? caller.id : named;
}

absl::Status RequireKnown(const v1::PersonState& state, const std::string& person) {
  if (IsKnown(state)) return absl::OkStatus();
  return runtime::Refuse(
      absl::StatusCode::kNotFound, "PERSON_UNKNOWN",
      "nobody called `" + person + "` is known: check the name; a rep or supervisor becomes known by their credential");
}
absl::Status RequireActive(const v1::PersonState& state, const std::string& person) {
  if (!state.deactivated()) return absl::OkStatus();
  return Precondition("PERSON_DEACTIVATED", "`" + person + "` is deactivated: a supervisor can reactivate them");
}
// NOT_YOURSELF.
absl::Status RequireSelfOrSupervisor(const std::string& person, const runtime::Caller& caller) {
  if (person == caller.id || IsStaffManager(caller)) return absl::OkStatus();
  return runtime::Refuse(absl::StatusCode::kPermissionDenied, "NOT_YOURSELF",
                         "you can do this for yourself only: ask `" + person + "` or a supervisor");
}
absl::Status NobodyAbove(const std::string& person) {
  return Precondition("NOBODY_ABOVE", "nobody stands above `" + person +
                                          "`, and so nobody could take over what they owe: add a supervisor first");
}

// Unspecified for a caller who is neither a rep nor a supervisor.
v1::PersonKind KindOf(const runtime::Caller& caller) {
  if (caller.Is(ROLE_SUPERVISOR)) return v1::PERSON_KIND_SUPERVISOR;
  return caller.Is(ROLE_REP) ? v1::PERSON_KIND_REP : v1::PERSON_KIND_UNSPECIFIED;
}

// Of somebody who is not known yet: only a rep or supervisor makes themselves known.
Person::Decision FirstAvailability(const v1::SetAvailabilityRequest& command, const std::string& person,
                                   const runtime::Caller& caller) {
  const v1::PersonKind kind = KindOf(caller);
  if (person != caller.id || kind == v1::PERSON_KIND_UNSPECIFIED) return RequireKnown({}, person);
  if (command.kind() == v1::PERSON_KIND_SUPERVISOR && kind != v1::PERSON_KIND_SUPERVISOR) {
    return runtime::Refuse(absl::StatusCode::kPermissionDenied, "NOT_A_SUPERVISOR",
                           "you are not a supervisor: leave out `kind`, or ask for another credential");
  }
  if (command.kind() != v1::PERSON_KIND_UNSPECIFIED && command.kind() != kind) {
    return runtime::BadField("kind", "is not the role of your credential: leave it out");
  }
  if (kind == v1::PERSON_KIND_REP && command.on_duty()) {
    return runtime::BadField("on_duty", "is for supervisors: leave it out for a rep");
  }
  Events events;
  auto& introduced = *events.emplace_back().mutable_introduced();
  introduced.set_person(person);
  introduced.set_by(caller.id);
  introduced.mutable_profile()->set_kind(kind);
  introduced.mutable_profile()->set_team(command.team().empty() ? caller.team : command.team());
  introduced.set_available(command.available());
  introduced.set_on_duty(command.on_duty());
  return events;
}

// What SetAvailability must leave as it is.
absl::Status CheckUnchanged(const v1::PersonProfile& profile, const v1::SetAvailabilityRequest& command) {
  runtime::FieldViolations bad;
  if (command.kind() != v1::PERSON_KIND_UNSPECIFIED && command.kind() != profile.kind()) {
    bad.Add("kind", kRoleOfCredential);
  }
  if (!command.team().empty() && command.team() != profile.team()) {
    bad.Add("team", "is not the person's team, which is `" + profile.team() +
                        "`: leave it out, or let a supervisor change it with ChangePerson");
  }
  if (profile.kind() == v1::PERSON_KIND_REP && command.on_duty()) {
    bad.Add("on_duty", "is for supervisors: leave it out for a rep");
  }
  return bad.ToStatus();
}

void SetWords(google::protobuf::RepeatedPtrField<std::string>& field, const v1::Words& given) {
  std::vector<std::string> words(given.words().begin(), given.words().end());
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  field.Assign(words.begin(), words.end());
}

void CheckWorkingHours(runtime::FieldViolations& bad, const v1::WorkingHours& hours) {
  if (hours.periods_size() > 0) {
    runtime::RequireField(bad, "working_hours.zone", hours.zone(), "name the zone of the periods");
  }
  const v1::WorkingPeriod* before = nullptr;
  for (int i = 0; i < hours.periods_size(); ++i) {
    const auto& period = hours.periods(i);
    const std::string field = absl::StrCat("working_hours.periods[", i, "]");
    if (period.weekday() < 1 || period.weekday() > 7) {
      bad.Add(field + ".weekday", "is not a day: give 1 (Monday) to 7 (Sunday)");
    }
    if (period.until_minute() > 1440 || period.from_minute() >= period.until_minute()) {
      bad.Add(field + ".until_minute", "must be more than `from_minute` and at most 1440, the minutes of a day");
    }
    if (before != nullptr &&
        std::pair(before->weekday(), before->until_minute()) > std::pair(period.weekday(), period.from_minute())) {
      bad.Add(field, "overlaps the one before it, or comes before it: give them in order");
    }
    before = &period;
  }
}

v1::PersonProfile Changed(v1::PersonProfile profile, const v1::ChangePersonRequest& request) {
  if (request.has_team()) profile.set_team(request.team());
  if (request.has_reports_to()) profile.set_reports_to(request.reports_to());
  if (request.has_skills()) SetWords(*profile.mutable_skills(), request.skills());
  if (request.has_languages()) SetWords(*profile.mutable_languages(), request.languages());
  if (request.has_capacity()) profile.set_capacity(request.capacity());
  if (request.has_working_hours()) {
    if (request.working_hours().periods().empty()) {
      profile.clear_working_hours();
    } else {
      *profile.mutable_working_hours() = request.working_hours();
    }
  }
  return profile;
}

absl::Status Check(const v1::PersonState& state, const ChangePerson& command) {
  const auto& request = command.request;
  runtime::FieldViolations bad;
  if (request.kind() != v1::PERSON_KIND_UNSPECIFIED && request.kind() != state.profile().kind()) {
    bad.Add("kind", kRoleOfCredential);
  }
  if (!request.reports_to().empty()) {
    if (request.reports_to() == request.person()) {
      bad.Add("reports_to", "is the person: nobody is above themselves");
    } else if (!command.above_is_supervisor) {
      bad.Add("reports_to", "is no active supervisor: name one");
    } else if (command.above_is_below) {
      bad.Add("reports_to", "reports to the person, directly or through others: nobody is above themselves");
    }
  }
  CheckWorkingHours(bad, request.working_hours());
  return bad.ToStatus();
}

template <typename Predicate>
void Remove(v1::PersonState& state, Predicate predicate) {
  auto& absences = *state.mutable_absences();
  absences.erase(std::remove_if(absences.begin(), absences.end(), predicate), absences.end());
}

}  // namespace

Person::Decision Person::Decide(const State& state, const MeetPerson& command, const runtime::Caller& caller) {
  Events events;
  const v1::PersonProfile& profile = command.request.profile();
  if (!IsKnown(state)) {
    auto& introduced = *events.emplace_back().mutable_introduced();
    introduced = command.request;
    introduced.set_by(caller.id);
  } else if (state.profile().kind() != profile.kind()) {
    auto& changed = *events.emplace_back().mutable_profile_changed();
    *changed.mutable_profile() = state.profile();
    changed.mutable_profile()->set_kind(profile.kind());
    changed.set_by(caller.id);
    changed.set_reason("the person's credential names another role");
  }
  return events;
}

Person::Decision Person::Decide(const State& state, const v1::SetAvailabilityRequest& command,
                                const runtime::Caller& caller) {
  const std::string& person = PersonOf(command.person(), caller);
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "person", person, "name the person by the id in their credential");
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = RequireSelfOrSupervisor(person, caller); !refused.ok()) return refused;
  if (!IsKnown(state)) return FirstAvailability(command, person, caller);
  if (absl::Status refused = RequireActive(state, person); !refused.ok()) return refused;
  if (absl::Status refused = CheckUnchanged(state.profile(), command); !refused.ok()) return refused;
  if (state.available() == command.available() && state.on_duty() == command.on_duty()) return Events();
  Events events;
  auto& changed = *events.emplace_back().mutable_availability_changed();
  changed.set_available(command.available());
  changed.set_on_duty(command.on_duty());
  changed.set_by(caller.id);
  return events;
}

Person::Decision Person::Decide(const State& state, const ChangePerson& command, const runtime::Caller& caller) {
  const auto& request = command.request;
  if (absl::Status refused = RequireKnown(state, request.person()); !refused.ok()) return refused;
  if (absl::Status refused = Check(state, command); !refused.ok()) return refused;
  if (absl::Status refused = RequireActive(state, request.person()); !refused.ok()) return refused;
  const v1::PersonProfile profile = Changed(state.profile(), request);
  Events events;
  if (MessageDifferencer::Equals(profile, state.profile())) return events;
  auto& changed = *events.emplace_back().mutable_profile_changed();
  *changed.mutable_profile() = profile;
  changed.set_by(caller.id);
  changed.set_reason(request.reason());
  return events;
}

Person::Decision Person::Decide(const State& state, const v1::PlanAbsenceRequest& command,
                                const runtime::Caller& caller) {
  const std::string& person = PersonOf(command.person(), caller);
  if (absl::Status refused = RequireSelfOrSupervisor(person, caller); !refused.ok()) return refused;
  if (absl::Status refused = RequireKnown(state, person); !refused.ok()) return refused;
  const absl::Time from = command.has_from() ? runtime::FromProto(command.from()) : caller.time;
  runtime::FieldViolations bad;
  RequireFuture(bad, "until", command.has_until(), command.until(), caller.time);
  if (bad.empty() && runtime::FromProto(command.until()) <= from) {
    bad.Add("until", "is not after `from`: give the end of the absence");
  }
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = RequireActive(state, person); !refused.ok()) return refused;
  const auto is_ahead = [&](const State::Absence& absence) {
    return runtime::FromProto(absence.until()) > caller.time;
  };
  if (absl::c_count_if(state.absences(), is_ahead) >= kMaxAbsences) {
    return Precondition("TOO_MANY_ABSENCES", "`" + person + "` has 100 absences that are not over: end one of them");
  }
  Events events;
  auto& planned = *events.emplace_back().mutable_absence_planned();
  planned.set_absence_id(runtime::DerivedId(caller, "absence"));
  *planned.mutable_from() = runtime::ToProto(from);
  *planned.mutable_until() = AsStored(command.until());
  planned.set_reason(command.reason());
  planned.set_by(caller.id);
  *planned.mutable_planned_at() = runtime::ToProto(caller.time);
  return events;
}

Person::Decision Person::Decide(const State& state, const v1::EndAbsenceRequest& command,
                                const runtime::Caller& caller) {
  const std::string& person = PersonOf(command.person(), caller);
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "absence_id", command.absence_id(), "name the absence");
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = RequireSelfOrSupervisor(person, caller); !refused.ok()) return refused;
  if (absl::Status refused = RequireKnown(state, person); !refused.ok()) return refused;
  const auto is_meant = [&](const State::Absence& absence) {
    return absence.absence_id() == command.absence_id() && runtime::FromProto(absence.until()) > caller.time;
  };
  if (absl::c_none_of(state.absences(), is_meant)) {
    return runtime::Refuse(absl::StatusCode::kNotFound, "ABSENCE_UNKNOWN",
                           "`" + person + "` has no such absence that is not over: GetPerson lists them");
  }
  Events events;
  auto& ended = *events.emplace_back().mutable_absence_ended();
  ended.set_absence_id(command.absence_id());
  ended.set_by(caller.id);
  return events;
}

Person::Decision Person::Decide(const State& state, const DeactivatePerson& command, const runtime::Caller& caller) {
  const auto& request = command.request;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "reason", request.reason(), "say why the person is deactivated");
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = RequireKnown(state, request.person()); !refused.ok()) return refused;
  if (state.deactivated()) return Events();
  if (!command.somebody_above && !command.credential_gone) return NobodyAbove(request.person());
  Events events;
  auto& deactivated = *events.emplace_back().mutable_deactivated();
  deactivated.set_by(caller.id);
  deactivated.set_reason(request.reason());
  return events;
}

Person::Decision Person::Decide(const State& state, const v1::ReactivatePersonRequest& command,
                                const runtime::Caller& caller) {
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "reason", command.reason(), "say why the person is reactivated");
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = RequireKnown(state, command.person()); !refused.ok()) return refused;
  if (!state.deactivated()) return Events();
  Events events;
  auto& reactivated = *events.emplace_back().mutable_reactivated();
  reactivated.set_by(caller.id);
  reactivated.set_reason(command.reason());
  return events;
}

Person::Decision Person::Decide(const State& state, const BeginWork& command, const runtime::Caller&) {
  Events events;
  if (state.available() && state.profile().has_working_hours()) {
    *events.emplace_back().mutable_working_hours_began() = command.request;
  }
  return events;
}

void Person::Evolve(State& state, const Event& event) {
  switch (event.event_case()) {
    case Event::kIntroduced:
      *state.mutable_profile() = event.introduced().profile();
      state.set_available(event.introduced().available());
      state.set_on_duty(event.introduced().on_duty());
      return;
    case Event::kProfileChanged:
      *state.mutable_profile() = event.profile_changed().profile();
      if (state.profile().kind() == v1::PERSON_KIND_REP) state.set_on_duty(false);
      return;
    case Event::kAvailabilityChanged:
      state.set_available(event.availability_changed().available());
      state.set_on_duty(event.availability_changed().on_duty());
      return;
    case Event::kAbsencePlanned: {
      const absl::Time now = runtime::FromProto(event.absence_planned().planned_at());
      Remove(state, [&](const State::Absence& absence) { return runtime::FromProto(absence.until()) <= now; });
      auto& absence = *state.add_absences();
      absence.set_absence_id(event.absence_planned().absence_id());
      *absence.mutable_until() = event.absence_planned().until();
      return;
    }
    case Event::kAbsenceEnded:
      Remove(state,
             [&](const State::Absence& absence) { return absence.absence_id() == event.absence_ended().absence_id(); });
      return;
    case Event::kDeactivated:
      state.set_deactivated(true);
      state.set_available(false);
      state.set_on_duty(false);
      return;
    case Event::kReactivated:
      state.set_deactivated(false);
      return;
    case Event::kWorkItemAcknowledged:
    case Event::kWorkItemSnoozed:
    case Event::kWorkingHoursBegan:
    case Event::EVENT_NOT_SET:
      return;
  }
}

}  // namespace throughline::ownership

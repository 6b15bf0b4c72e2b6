#include "services/ownership/domain/availability.h"

#include "libs/runtime/domain/fields.h"

namespace throughline::ownership {
namespace {

using common::v1::ROLE_REP;
using common::v1::ROLE_SUPERVISOR;

v1::PersonKind KindOf(const v1::AvailabilityState& state, const v1::SetAvailabilityRequest& command, bool self,
                      const runtime::Caller& caller) {
  if (command.kind() != v1::PERSON_KIND_UNSPECIFIED) return command.kind();
  if (state.kind() != v1::PERSON_KIND_UNSPECIFIED) return state.kind();
  if (!self || caller.Is(ROLE_REP)) return v1::PERSON_KIND_REP;
  return caller.Is(ROLE_SUPERVISOR) ? v1::PERSON_KIND_SUPERVISOR : v1::PERSON_KIND_UNSPECIFIED;
}

}  // namespace

Availability::Decision Availability::Decide(const State& state, const v1::SetAvailabilityRequest& command,
                                            const runtime::Caller& caller) {
  const std::string& person = command.person().empty() ? caller.id : command.person();
  const bool self = person == caller.id;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "person", person, "name the person by the id in their credential");
  if (!bad.empty()) return bad.ToStatus();
  if (!self && !caller.Is(ROLE_SUPERVISOR)) {
    return runtime::Refuse(absl::StatusCode::kPermissionDenied, "NOT_YOURSELF",
                           "you can set your own availability only: ask `" + person + "` or a supervisor");
  }
  const v1::PersonKind kind = KindOf(state, command, self, caller);
  if (kind == v1::PERSON_KIND_UNSPECIFIED) {
    return runtime::BadField("kind", "is not set, and the caller is neither a rep nor a supervisor: set it");
  }
  if (kind == v1::PERSON_KIND_SUPERVISOR && !caller.Is(ROLE_SUPERVISOR) && state.kind() != kind) {
    return runtime::Refuse(absl::StatusCode::kPermissionDenied, "NOT_A_SUPERVISOR",
                           "you are not a supervisor: set yourself as REP, or ask a supervisor");
  }
  if (kind == v1::PERSON_KIND_REP && command.on_duty()) {
    return runtime::BadField("on_duty", "is for supervisors: leave it out for a rep");
  }
  if (state.kind() == kind && state.available() == command.available() && state.on_duty() == command.on_duty() &&
      state.team() == command.team()) {
    return std::vector<Event>();
  }
  Event event;
  auto& set = *event.mutable_set();
  set.set_person(person);
  set.set_kind(kind);
  set.set_available(command.available());
  set.set_on_duty(command.on_duty());
  set.set_team(command.team());
  set.set_by(caller.id);
  return std::vector{std::move(event)};
}

void Availability::Evolve(State& state, const Event& event) {
  switch (event.event_case()) {
    case Event::kSet:
      state.set_kind(event.set().kind());
      state.set_available(event.set().available());
      state.set_on_duty(event.set().on_duty());
      state.set_team(event.set().team());
      return;
    case Event::EVENT_NOT_SET:
      return;
  }
}

}  // namespace throughline::ownership

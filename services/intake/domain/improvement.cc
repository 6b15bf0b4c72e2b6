#include "services/intake/domain/improvement.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/fields.h"
#include "libs/runtime/domain/time.h"

namespace throughline::intake {
namespace {

absl::Duration PeriodOf(const google::protobuf::Duration& period) {
  return absl::Seconds(period.seconds()) + absl::Nanoseconds(period.nanos());
}

bool IsOwed(const v1::ImprovementState& state) {
  return state.status() == v1::IMPROVEMENT_STATUS_OPEN || state.status() == v1::IMPROVEMENT_STATUS_MEASURED;
}

// IMPROVEMENT_UNKNOWN; IMPROVEMENT_CLOSED.
absl::Status RequireOwed(const v1::ImprovementState& state, const std::string& kind) {
  if (state.status() == v1::IMPROVEMENT_STATUS_UNSPECIFIED) return ImprovementUnknown(kind);
  if (IsOwed(state)) return absl::OkStatus();
  return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "IMPROVEMENT_CLOSED",
                         "the rate has fallen, and it is closed: raise it again if it goes wrong again");
}

bool IsKind(const std::string& kind) {
  const size_t slash = kind.find('/');
  return slash != std::string::npos && slash > 0 && slash + 1 < kind.size();
}

v1::ImprovementEvent RoutedTo(const v1::ImprovementState& state, const std::string& team, const std::string& to,
                              const std::string& by, const std::string& reason) {
  v1::ImprovementEvent event;
  auto& routed = *event.mutable_routed();
  routed.set_from_team(state.team());
  routed.set_to_team(team);
  routed.set_from(state.owed_by());
  routed.set_to(to);
  routed.set_by(by);
  routed.set_reason(reason);
  return event;
}

}  // namespace

absl::Status ImprovementUnknown(const std::string& kind) {
  return runtime::Refuse(absl::StatusCode::kNotFound, "IMPROVEMENT_UNKNOWN",
                         "no improvement was raised about `" + kind + "`: look it up in the list");
}

std::string ComponentKind(const std::string& component_id) { return absl::StrCat("component/", component_id); }

std::string FaultKind(const std::string& fault) { return absl::StrCat("fault/", fault); }

bool IsCounted(const std::string& kind) {
  return absl::StartsWith(kind, ComponentKind("")) || absl::StartsWith(kind, FaultKind(""));
}

uint32_t ClosingLimit(const v1::RecurrencePolicy& policy, uint32_t count_at_opening) {
  // In whole seconds, so that every replica gets the same.
  const int64_t window = std::max<int64_t>(1, policy.window().seconds());
  const auto share =
      static_cast<__int128>(count_at_opening) * policy.closing_window().seconds() * policy.closing_percent();
  const auto per = static_cast<__int128>(window) * 100;
  const auto limit = (share + per - 1) / per;
  return static_cast<uint32_t>(std::clamp<__int128>(limit, 1, UINT32_MAX));
}

Improvement::Decision Improvement::Decide(const State& state, const RaiseImprovement& command,
                                          const runtime::Caller& caller) {
  const auto& request = command.request;
  runtime::FieldViolations bad;
  if (!IsKind(request.kind())) {
    bad.Add("kind", "is not of the form `what/which`: name what goes wrong, for instance component/checkout");
  }
  runtime::RequireField(bad, "reason", request.reason(), "say what goes wrong again and again");
  for (int i = 0; i < request.evidence_ids_size(); ++i) {
    runtime::RequireField(bad, absl::StrCat("evidence_ids[", i, "]"), request.evidence_ids(i),
                          "name the case, or leave it out");
  }
  if (!bad.empty()) return bad.ToStatus();
  std::vector<Event> events(1);
  if (IsOwed(state)) {
    if (caller.Is(common::v1::ROLE_SERVICE) && absl::StartsWith(caller.id, "throughline.")) return std::vector<Event>();
    auto& again = *events.back().mutable_raised_again();
    again.set_by(caller.id);
    again.set_reason(request.reason());
    *again.mutable_evidence_ids() = request.evidence_ids();
    return events;
  }
  if (absl::Status refused = CheckAnswers(command.department, request.team()); !refused.ok()) return refused;
  auto& opened = *events.back().mutable_opened();
  opened.set_kind(request.kind());
  opened.set_occurrence(state.occurrence() + 1);
  opened.set_team(command.department.team);
  opened.set_owed_by(command.department.person);
  opened.set_raised_by(caller.id);
  opened.set_reason(request.reason());
  *opened.mutable_evidence_ids() = request.evidence_ids();
  opened.set_count(std::max(command.count, static_cast<uint32_t>(request.evidence_ids_size())));
  *opened.mutable_policy() = command.policy;
  *opened.mutable_answer_due() = runtime::ToProto(caller.time + PeriodOf(command.policy.answer_within()));
  return events;
}

Improvement::Decision Improvement::Decide(const State& state, const RecordImprovementChange& command,
                                          const runtime::Caller& caller) {
  const auto& request = command.request;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "text", request.text(), "say what was changed");
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = RequireOwed(state, request.kind()); !refused.ok()) return refused;
  if (absl::Status refused = RequireTeam(state.owed_by(), state.team(), command.place, caller); !refused.ok()) {
    return refused;
  }
  std::vector<Event> events(1);
  auto& changed = *events.back().mutable_change_recorded();
  changed.set_by(caller.id);
  changed.set_text(request.text());
  *changed.mutable_measured_at() = runtime::ToProto(caller.time + PeriodOf(state.policy().closing_window()));
  changed.set_late(state.status() == v1::IMPROVEMENT_STATUS_OPEN &&
                   caller.time > runtime::FromProto(state.answer_due()));
  return events;
}

Improvement::Decision Improvement::Decide(const State& state, const RouteImprovement& command,
                                          const runtime::Caller& caller) {
  const auto& request = command.request;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "team", request.team(), "name the team that can change it");
  runtime::RequireField(bad, "reason", request.reason(), "say why it is theirs");
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = RequireOwed(state, request.kind()); !refused.ok()) return refused;
  if (absl::Status refused = RequireTeam(state.owed_by(), state.team(), command.place, caller); !refused.ok()) {
    return refused;
  }
  if (request.team() == state.team()) return std::vector<Event>();
  if (absl::Status refused = CheckAnswers(command.department, request.team()); !refused.ok()) return refused;
  return std::vector{RoutedTo(state, request.team(), command.department.person, caller.id, request.reason())};
}

Improvement::Decision Improvement::Decide(const State& state, const MeasureImprovement& command,
                                          const runtime::Caller& caller) {
  if (state.status() != v1::IMPROVEMENT_STATUS_MEASURED || caller.time < runtime::FromProto(state.measured_at())) {
    return std::vector<Event>();
  }
  const uint32_t limit = ClosingLimit(state.policy(), state.count());
  const uint32_t count = command.request.count();
  std::vector<Event> events(1);
  if (count < limit) {
    events.back().mutable_closed()->set_count(count);
    events.back().mutable_closed()->set_limit(limit);
    return events;
  }
  auto& not_reached = *events.back().mutable_not_reached();
  not_reached.set_count(count);
  not_reached.set_limit(limit);
  *not_reached.mutable_answer_due() = runtime::ToProto(caller.time + PeriodOf(state.policy().answer_within()));
  return events;
}

Improvement::Decision Improvement::Decide(const State& state, const MissImprovement& command,
                                          const runtime::Caller& caller) {
  const absl::Time due = runtime::FromProto(state.answer_due());
  if (state.status() != v1::IMPROVEMENT_STATUS_OPEN || state.missed() || caller.time < due ||
      runtime::FromProto(command.request.due()) != due) {
    return std::vector<Event>();
  }
  std::vector<Event> events(1);
  auto& missed = *events.back().mutable_answer_missed();
  *missed.mutable_due() = state.answer_due();
  missed.set_owed_by(state.owed_by());
  missed.set_team(state.team());
  return events;
}

Improvement::Decision Improvement::Decide(const State& state, const RelieveImprovement& command,
                                          const runtime::Caller& caller) {
  const auto& gone = command.request;
  if (!IsOwed(state) || state.owed_by() != gone.from()) return std::vector<Event>();
  return std::vector{RoutedTo(state, gone.to_team(), gone.to(), caller.id, gone.reason())};
}

void Improvement::Evolve(State& state, const Event& event) {
  switch (event.event_case()) {
    case Event::kOpened: {
      const auto& opened = event.opened();
      state.set_status(v1::IMPROVEMENT_STATUS_OPEN);
      state.set_occurrence(opened.occurrence());
      state.set_team(opened.team());
      state.set_owed_by(opened.owed_by());
      state.set_count(opened.count());
      *state.mutable_policy() = opened.policy();
      *state.mutable_answer_due() = opened.answer_due();
      state.set_missed(false);
      return;
    }
    case Event::kChangeRecorded:
      state.set_status(v1::IMPROVEMENT_STATUS_MEASURED);
      *state.mutable_measured_at() = event.change_recorded().measured_at();
      return;
    case Event::kClosed:
      state.set_status(v1::IMPROVEMENT_STATUS_CLOSED);
      return;
    case Event::kNotReached:
      state.set_status(v1::IMPROVEMENT_STATUS_OPEN);
      *state.mutable_answer_due() = event.not_reached().answer_due();
      state.set_missed(false);
      return;
    case Event::kAnswerMissed:
      state.set_missed(true);
      return;
    case Event::kRouted:
      state.set_team(event.routed().to_team());
      state.set_owed_by(event.routed().to());
      return;
    case Event::kRaisedAgain:
    case Event::EVENT_NOT_SET:
      return;
  }
}

}  // namespace throughline::intake

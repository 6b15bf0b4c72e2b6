#include "services/intake/domain/suggestion.h"

#include "libs/runtime/domain/fields.h"
#include "libs/runtime/domain/time.h"
#include "services/intake/domain/case.h"

namespace throughline::intake {
namespace {

absl::Status Refused(absl::string_view reason, absl::string_view text) {
  return runtime::Refuse(absl::StatusCode::kFailedPrecondition, reason, text);
}

// SUGGESTION_UNKNOWN; SUGGESTION_ANSWERED.
absl::Status RequireOpen(const v1::SuggestionState& state, const std::string& suggestion_id) {
  if (state.status() == v1::SUGGESTION_STATUS_UNSPECIFIED) return SuggestionUnknown(suggestion_id);
  if (state.status() == v1::SUGGESTION_STATUS_OPEN) return absl::OkStatus();
  return Refused("SUGGESTION_ANSWERED", "the suggestion is answered: record a new one if there is more to say");
}

v1::SuggestionEvent Routed(const v1::SuggestionState& state, const std::string& team, const std::string& to,
                           const std::string& by, const std::string& reason) {
  v1::SuggestionEvent event;
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

absl::Status SuggestionUnknown(const std::string& suggestion_id) {
  return runtime::Refuse(absl::StatusCode::kNotFound, "SUGGESTION_UNKNOWN",
                         "no such suggestion: `" + suggestion_id + "`; check the id, or look it up in the list");
}

absl::Status CheckAnswers(const Department& department, const std::string& named) {
  if (!department.person.empty()) return absl::OkStatus();
  if (!named.empty()) {
    return Refused("NOBODY_IN_TEAM", "nobody of team `" + named + "` can answer: check its name, or name another one");
  }
  return Refused("NOBODY_TO_ANSWER",
                 "there is no supervisor who could answer, and no team is configured for it: add one, or name a team");
}

absl::Status RequireTeam(const std::string& owed_by, const std::string& team, const CallersPlace& place,
                         const runtime::Caller& caller) {
  const bool of_team = !team.empty() && place.team == team;
  if (IsStaff(caller) && (caller.id == owed_by || of_team || place.stands_above)) return absl::OkStatus();
  const std::string who = team.empty() ? "`" + owed_by + "`" : "team `" + team + "`";
  return runtime::WithMetadata(
      runtime::Refuse(absl::StatusCode::kPermissionDenied, "NOT_YOUR_TEAM",
                      who + " answers for it: only they, and whoever stands above `" + owed_by + "`, may do this"),
      "team", team);
}

Suggestion::Decision Suggestion::Decide(const State& state, const RecordSuggestion& command,
                                        const runtime::Caller& caller) {
  const auto& request = command.request;
  if (state.status() != v1::SUGGESTION_STATUS_UNSPECIFIED) return std::vector<Event>();
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "text", request.text(), "say what the customer suggests, word for word");
  if (request.has_case_id()) runtime::RequireField(bad, "case_id", request.case_id(), "name the case, or leave it out");
  const runtime::GivenDue due{"answer_due", request.has_answer_due(), request.answer_due(), request.answer_due_in()};
  const google::protobuf::Timestamp answer_due = runtime::ReadDue(bad, due, command.meant, caller.time);
  if (!request.acknowledgement().empty() && !IsStaff(caller)) {
    bad.Add("acknowledgement", "is given by a system: only a rep or a supervisor tells a customer something");
  }
  if (!bad.empty()) return bad.ToStatus();
  if (!command.case_known) return CaseUnknown(request.case_id());
  if (absl::Status refused = CheckAnswers(command.department, request.team()); !refused.ok()) return refused;
  std::vector<Event> events(1);
  auto& recorded = *events.back().mutable_recorded();
  recorded.set_suggestion_id(command.suggestion_id);
  recorded.set_text(request.text());
  recorded.set_recorded_by(caller.id);
  if (request.has_case_id()) recorded.set_case_id(request.case_id());
  recorded.set_customer_id(command.customer_id);
  recorded.set_team(command.department.team);
  recorded.set_owed_by(command.department.person);
  recorded.set_routing(command.department.routing);
  recorded.set_matched(command.department.matched);
  *recorded.mutable_answer_due() = due.given() ? answer_due : runtime::ToProto(caller.time + command.answer_within);
  if (!request.acknowledgement().empty()) {
    auto& acknowledged = *events.emplace_back().mutable_acknowledged();
    acknowledged.set_by(caller.id);
    acknowledged.set_words(request.acknowledgement());
  }
  return events;
}

Suggestion::Decision Suggestion::Decide(const State& state, const RouteSuggestion& command,
                                        const runtime::Caller& caller) {
  const auto& request = command.request;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "team", request.team(), "name the team that can act on it");
  runtime::RequireField(bad, "reason", request.reason(), "say why it is theirs");
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = RequireOpen(state, request.suggestion_id()); !refused.ok()) return refused;
  if (absl::Status refused = RequireTeam(state.owed_by(), state.team(), command.place, caller); !refused.ok()) {
    return refused;
  }
  if (request.team() == state.team()) return std::vector<Event>();
  if (absl::Status refused = CheckAnswers(command.department, request.team()); !refused.ok()) return refused;
  return std::vector{Routed(state, request.team(), command.department.person, caller.id, request.reason())};
}

Suggestion::Decision Suggestion::Decide(const State& state, const v1::AcknowledgeSuggestionRequest& command,
                                        const runtime::Caller& caller) {
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "words", command.words(), "say what the customer was told, word for word");
  if (!bad.empty()) return bad.ToStatus();
  if (state.status() == v1::SUGGESTION_STATUS_UNSPECIFIED) return SuggestionUnknown(command.suggestion_id());
  if (state.acknowledgement() == command.words()) return std::vector<Event>();
  if (!state.acknowledgement().empty()) {
    return Refused("SUGGESTION_ACKNOWLEDGED", "the customer was told already: read the suggestion");
  }
  Event event;
  event.mutable_acknowledged()->set_by(caller.id);
  event.mutable_acknowledged()->set_words(command.words());
  return std::vector{std::move(event)};
}

Suggestion::Decision Suggestion::Decide(const State& state, const AnswerSuggestion& command,
                                        const runtime::Caller& caller) {
  const auto& request = command.request;
  runtime::FieldViolations bad;
  if (request.decision() == v1::SUGGESTION_DECISION_UNSPECIFIED ||
      !v1::SuggestionDecision_IsValid(request.decision())) {
    bad.Add("decision", "is not set: say whether it is adopted, in part or as a whole, or declined");
  }
  runtime::RequireField(bad, "reason", request.reason(), "say why: an answer without a reason is none");
  if (!bad.empty()) return bad.ToStatus();
  const bool same = state.decision() == request.decision() && state.reason() == request.reason();
  if (state.status() == v1::SUGGESTION_STATUS_ANSWERED && same) return std::vector<Event>();
  if (absl::Status refused = RequireOpen(state, request.suggestion_id()); !refused.ok()) return refused;
  if (absl::Status refused = RequireTeam(state.owed_by(), state.team(), command.place, caller); !refused.ok()) {
    return refused;
  }
  Event event;
  auto& answered = *event.mutable_answered();
  answered.set_by(caller.id);
  answered.set_decision(request.decision());
  answered.set_reason(request.reason());
  answered.set_team(state.team());
  answered.set_late(caller.time > runtime::FromProto(state.answer_due()));
  return std::vector{std::move(event)};
}

Suggestion::Decision Suggestion::Decide(const State& state, const MissSuggestion& command,
                                        const runtime::Caller& caller) {
  const absl::Time due = runtime::FromProto(state.answer_due());
  if (state.status() != v1::SUGGESTION_STATUS_OPEN || state.missed() || caller.time < due ||
      runtime::FromProto(command.request.due()) != due) {
    return std::vector<Event>();
  }
  Event event;
  auto& missed = *event.mutable_answer_missed();
  *missed.mutable_due() = state.answer_due();
  missed.set_owed_by(state.owed_by());
  missed.set_team(state.team());
  return std::vector{std::move(event)};
}

Suggestion::Decision Suggestion::Decide(const State& state, const RelieveSuggestion& command,
                                        const runtime::Caller& caller) {
  const auto& gone = command.request;
  if (state.status() != v1::SUGGESTION_STATUS_OPEN || state.owed_by() != gone.from()) return std::vector<Event>();
  return std::vector{Routed(state, gone.to_team(), gone.to(), caller.id, gone.reason())};
}

void Suggestion::Evolve(State& state, const Event& event) {
  switch (event.event_case()) {
    case Event::kRecorded:
      state.set_status(v1::SUGGESTION_STATUS_OPEN);
      state.set_suggestion_id(event.recorded().suggestion_id());
      state.set_team(event.recorded().team());
      state.set_owed_by(event.recorded().owed_by());
      *state.mutable_answer_due() = event.recorded().answer_due();
      return;
    case Event::kRouted:
      state.set_team(event.routed().to_team());
      state.set_owed_by(event.routed().to());
      return;
    case Event::kAcknowledged:
      state.set_acknowledgement(event.acknowledged().words());
      return;
    case Event::kAnswered:
      state.set_status(v1::SUGGESTION_STATUS_ANSWERED);
      state.set_decision(event.answered().decision());
      state.set_reason(event.answered().reason());
      return;
    case Event::kAnswerMissed:
      state.set_missed(true);
      return;
    case Event::EVENT_NOT_SET:
      return;
  }
}

}  // namespace throughline::intake

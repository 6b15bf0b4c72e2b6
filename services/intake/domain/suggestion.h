#pragma once

// The rules of a customer's suggestion: it is recorded and routed to a team, acknowledged to the customer once, and
// answered once, with a decision and its reason, by that team. Its due time never moves; when it passes without an
// answer, that is recorded once, and it is overdue until there is one.
//
// Pure functions; any thread.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/runtime/domain/caller.h"
#include "libs/runtime/domain/due.h"
#include "throughline/intake/v1/state.pb.h"
#include "throughline/intake/v1/suggestion.pb.h"

namespace throughline::intake {

// Who answers, and how they were found.
struct Department {
  std::string team;    // empty: the person has none
  std::string person;  // empty: nobody
  v1::SuggestionRouting routing = v1::SUGGESTION_ROUTING_NAMED;
  std::string matched = "";
};
// FAILED_PRECONDITION NOBODY_IN_TEAM, NOBODY_TO_ANSWER, if there is no person. `named`: the team that was asked for.
absl::Status CheckAnswers(const Department& department, const std::string& named);

// What the handler knows of the caller.
struct CallersPlace {
  std::string team;           // as the roster says
  bool stands_above = false;  // above the person who answers now
};
// PERMISSION_DENIED NOT_YOUR_TEAM unless the caller answers for it, is of the team, or stands above.
absl::Status RequireTeam(const std::string& owed_by, const std::string& team, const CallersPlace& place,
                         const runtime::Caller& caller);

struct RecordSuggestion {
  v1::RecordSuggestionRequest request;
  std::string suggestion_id;
  Department department;
  std::string customer_id;  // of the request or its case
  bool case_known = true;   // whether there is the case of the request, if it names one
  absl::Duration answer_within;
  runtime::Meant meant = absl::InfinitePast();  // by request.answer_due_in
};
struct RouteSuggestion {
  v1::RouteSuggestionRequest request;
  Department department;
  CallersPlace place;
};
struct AnswerSuggestion {
  v1::AnswerSuggestionRequest request;
  CallersPlace place;
};

// Given by timers and reactors. Each does nothing if it no longer applies.
struct MissSuggestion {
  v1::SuggestionAnswerMissed request;  // due
};
struct RelieveSuggestion {
  v1::SuggestionRouted request;  // from, to, to_team, reason
};

// The stream `suggestion/<suggestion_id>`.
struct Suggestion {
  static constexpr char kKind[] = "suggestion";
  using State = v1::SuggestionState;
  using Event = v1::SuggestionEvent;
  using Decision = absl::StatusOr<std::vector<Event>>;

  // Refusals: see the RPC of the same name.
  static Decision Decide(const State& state, const RecordSuggestion& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const RouteSuggestion& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const v1::AcknowledgeSuggestionRequest& command,
                         const runtime::Caller& caller);
  static Decision Decide(const State& state, const AnswerSuggestion& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const MissSuggestion& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const RelieveSuggestion& command, const runtime::Caller& caller);

  static void Evolve(State& state, const Event& event);
};

// NOT_FOUND SUGGESTION_UNKNOWN.
absl::Status SuggestionUnknown(const std::string& suggestion_id);

}  // namespace throughline::intake

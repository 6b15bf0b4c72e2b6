// `throughline suggestion`: what customers suggest, which team answers it, and how.

#include "absl/strings/str_cat.h"

#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/output/table.h"
#include "services/throughline/output/times.h"
#include "services/throughline/output/words.h"
#include "throughline/intake/v1/suggestion.pb.h"

namespace throughline::tool {
namespace {

bool IsOverdue(const intake::v1::SuggestionView& view) {
  return view.missed() && view.status() == intake::v1::SUGGESTION_STATUS_OPEN;
}

std::string RenderSuggestions(const intake::v1::ListSuggestionsResponse& response, const Terminal& terminal,
                              absl::Time now) {
  Table table({{"SUGGESTION"},
               {"STATUS"},
               {"TEAM"},
               {"OWED BY"},
               {"DUE"},
               {"CUSTOMER"},
               {"CASE"},
               {"TEXT", Column::kMayBeCut}});
  for (const intake::v1::SuggestionView& view : response.suggestions()) {
    const bool answered = view.status() == intake::v1::SUGGESTION_STATUS_ANSWERED;
    table.Row({{view.suggestion_id(), Style::kBold},
               {answered          ? Word(view.decision())
                : IsOverdue(view) ? "OVERDUE"
                                  : Word(view.status()),
                IsOverdue(view) ? Style::kAlarm : Style::kPlain},
               {view.team()},
               {view.owed_by()},
               {answered ? "" : ShowTime(view.answer_due(), now)},
               {view.customer_id()},
               {view.case_id()},
               {view.text()}});
  }
  return table.empty() ? "No suggestions.\n" : table.Render(terminal);
}

std::string RenderSuggestion(const intake::v1::SuggestionView& view, const Terminal& terminal, absl::Time now) {
  const auto line = [&](const char* label, const std::string& text) {
    return text.empty() ? "" : absl::StrCat(Paint(terminal, Style::kDim, label), text, "\n");
  };
  const std::string by = view.matched().empty() ? "" : absl::StrCat(" (for its word `", Clean(view.matched()), "`)");
  return absl::StrCat(
      Paint(terminal, Style::kBold, "Suggestion " + Clean(view.suggestion_id())), "  ",
      Paint(terminal, IsOverdue(view) ? Style::kAlarm : Style::kPlain,
            IsOverdue(view) ? "OVERDUE" : Word(view.status())),
      "\n", line("  text         ", Clean(view.text())),
      line("  recorded     ", absl::StrCat(ShowTime(view.recorded_at(), now), " by ", Clean(view.recorded_by()))),
      line("  customer     ", Clean(view.customer_id())), line("  case         ", Clean(view.case_id())),
      line("  team         ", view.team().empty() ? "" : Clean(view.team()) + by),
      line("  owed by      ", absl::StrCat(Clean(view.owed_by()), " since ", ShowTime(view.owed_since(), now), ", due ",
                                           ShowTime(view.answer_due(), now))),
      view.rerouted_count() == 0 ? "" : line("  rerouted     ", absl::StrCat(view.rerouted_count(), " times")),
      view.has_acknowledged_at()
          ? line("  acknowledged ", absl::StrCat(ShowTime(view.acknowledged_at(), now), " by ",
                                                 Clean(view.acknowledged_by()), ": ", Clean(view.acknowledgement())))
          : line("  acknowledged ", "not yet: tell the customer"),
      view.has_answered_at()
          ? line("  answer       ", absl::StrCat(Word(view.decision()), " by ", Clean(view.answered_by()), " ",
                                                 ShowTime(view.answered_at(), now), view.missed() ? ", late" : "", ": ",
                                                 Clean(view.reason())))
          : "");
}

}  // namespace

void AddSuggestion(CLI::App& app, Tool& tool) {
  CLI::App& group =
      Group(app, "suggestion", "What customers suggest: routed to a team, acknowledged, answered with a reason");
  Verb<intake::v1::RecordSuggestionRequest, intake::v1::RecordSuggestionResponse> record(
      group, tool, "record", "Records what a customer suggests, and routes it to a team that can act on it.",
      "throughline suggestion record --text 'Say on the form that it is down' --case CASE\n"
      "throughline suggestion record --text '...' --team web --told 'The web team answers by Friday.'");
  record.Option("--text", "text", "What the customer suggests, word for word")->required();
  record.Option("--case", "case_id", "The case in which it came up");
  record.Option("--customer", "customer_id", "The customer (default: the case's)");
  record.Option("--team", "team", "The team that can act on it (default: as configured)");
  record.Due("--due", "answer_due", "By when it is to be answered (default: as configured)");
  record.Option("--told", "acknowledgement", "What the customer was told about it already, word for word");
  record.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Recorded. ", Clean(response.owed_by()),
                           response.team().empty() ? "" : " of team " + Clean(response.team()), " answers by ",
                           ShowTime(response.answer_due(), out.now()), ". suggestion ", Clean(response.suggestion_id()),
                           "\n"));
  });

  Verb<intake::v1::RouteSuggestionRequest, intake::v1::RouteSuggestionResponse> route(
      group, tool, "route", "Routes a suggestion to another team. Its due time stays.",
      "throughline --as wim suggestion route SUGGESTION --team noc --reason 'they post outages'");
  route.Argument("suggestion_id", "The suggestion");
  route.Option("--team", "team", "The team that can act on it")->required();
  route.Option("--reason", "reason", "Why it is theirs")->required();
  route.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(
        absl::StrCat("Routed to ", Clean(response.owed_by()), ". suggestion ", Clean(response.suggestion_id()), "\n"));
  });

  Verb<intake::v1::AcknowledgeSuggestionRequest, intake::v1::AcknowledgeSuggestionResponse> acknowledge(
      group, tool, "acknowledge", "Records that the customer was told that we have their suggestion.",
      "throughline suggestion acknowledge SUGGESTION --words 'The web team answers by Friday.'");
  acknowledge.Argument("suggestion_id", "The suggestion");
  acknowledge.Option("--words", "words", "What they were told, word for word")->required();
  acknowledge.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Acknowledged. suggestion ", Clean(response.suggestion_id()), "\n"));
  });

  Verb<intake::v1::AnswerSuggestionRequest, intake::v1::AnswerSuggestionResponse> answer(
      group, tool, "answer", "Answers a suggestion with a decision and its reason.",
      "throughline --as wim suggestion answer SUGGESTION --decision adopted --reason 'saves calls; on Monday'");
  answer.Argument("suggestion_id", "The suggestion");
  answer.Option("--decision", "decision", "What was decided")->required();
  answer.Option("--reason", "reason", "Why")->required();
  answer.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Answered. suggestion ", Clean(response.suggestion_id()), "\n"));
  });

  Verb<intake::v1::GetSuggestionRequest, intake::v1::GetSuggestionResponse> show(
      group, tool, "show", "Shows a suggestion: who answers it by when, what the customer was told, and the answer.",
      "throughline suggestion show SUGGESTION");
  show.Argument("suggestion_id", "The suggestion");
  show.Prints([](Tool& out, const auto&, const intake::v1::GetSuggestionResponse& response) {
    out.Print(RenderSuggestion(response.suggestion(), out.terminal(), out.now()));
  });

  Verb<intake::v1::ListSuggestionsRequest, intake::v1::ListSuggestionsResponse> list(
      group, tool, "list", "Lists suggestions, newest first.",
      "throughline suggestion list --status open --team web\nthroughline suggestion list --overdue --json");
  list.Option("--team", "team", "Only those that this team answers");
  list.Option("--status", "status", "Only those with this status");
  list.Option("--case", "case_id", "Only those of this case");
  list.Option("--customer", "customer_id", "Only those of this customer");
  list.Option("--overdue", "overdue", "Only those that are not answered and overdue");
  list.Prints([](Tool& out, const auto&, const intake::v1::ListSuggestionsResponse& response) {
    out.Print(RenderSuggestions(response, out.terminal(), out.now()));
  });
}

}  // namespace throughline::tool

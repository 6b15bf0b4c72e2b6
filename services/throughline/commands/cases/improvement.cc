// `throughline improvement`: what goes wrong again and again, which team answers for a change, and whether it helped.

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/output/table.h"
#include "services/throughline/output/times.h"
#include "services/throughline/output/words.h"
#include "throughline/intake/v1/improvement.pb.h"

namespace throughline::tool {
namespace {

bool IsOverdue(const intake::v1::ImprovementView& view) { return view.missed() && view.has_answer_due(); }

std::string When(const intake::v1::ImprovementView& view, absl::Time now) {
  if (view.has_measured_at()) return "measured until " + ShowTime(view.measured_at(), now);
  if (view.has_answer_due()) return "a change by " + ShowTime(view.answer_due(), now);
  return view.has_closed_at() ? "closed " + ShowTime(view.closed_at(), now) : "";
}

std::string RenderImprovements(const intake::v1::ListImprovementsResponse& response, const Terminal& terminal,
                               absl::Time now) {
  Table table({{"KIND"},
               {"STATUS"},
               {"TEAM"},
               {"OWED BY"},
               {"WHEN"},
               {"AT OPENING", Column::kWhole, Column::kRight},
               {"NOW", Column::kWhole, Column::kRight},
               {"REASON", Column::kMayBeCut}});
  for (const intake::v1::ImprovementView& view : response.improvements()) {
    table.Row({{view.kind(), Style::kBold},
               {IsOverdue(view) ? "OVERDUE" : Word(view.status()), IsOverdue(view) ? Style::kAlarm : Style::kPlain},
               {view.team()},
               {view.owed_by()},
               {When(view, now)},
               {absl::StrCat(view.count())},
               {absl::StrCat(view.count_now())},
               {view.reason()}});
  }
  return table.empty() ? "Nothing recurs.\n" : table.Render(terminal);
}

std::string RenderImprovement(const intake::v1::ImprovementView& view, const Terminal& terminal, absl::Time now) {
  const auto dim = [&](const char* label) { return Paint(terminal, Style::kDim, label); };
  std::string out = absl::StrCat(
      Paint(terminal, Style::kBold, "Improvement " + Clean(view.kind())), "  ",
      Paint(terminal, IsOverdue(view) ? Style::kAlarm : Style::kPlain,
            IsOverdue(view) ? "OVERDUE" : Word(view.status())),
      view.occurrence() > 1 ? absl::StrCat("  opened ", view.occurrence(), " times") : "", "\n", dim("  reason    "),
      Clean(view.reason()), "\n", dim("  raised    "), ShowTime(view.opened_at(), now), " by ", Clean(view.raised_by()),
      "\n", dim("  owed by   "), Clean(view.owed_by()), view.team().empty() ? "" : " of team " + Clean(view.team()),
      ", ", When(view, now), "\n", dim("  count     "), view.count(), " at the opening, ", view.count_now(),
      " now, within ", ShowPeriod(absl::Seconds(view.policy().window().seconds())), "; ends below ",
      view.policy().closing_percent(), "% of that rate for ",
      ShowPeriod(absl::Seconds(view.policy().closing_window().seconds())), "\n");
  if (view.evidence_ids_size() > 0) {
    absl::StrAppend(&out, dim("  evidence  "), Clean(absl::StrJoin(view.evidence_ids(), ", ")), "\n");
  }
  for (const auto& change : view.changes()) {
    absl::StrAppend(&out, dim("  change    "), ShowTime(change.at(), now), " by ", Clean(change.by()), ": ",
                    Clean(change.text()), change.has_count() ? absl::StrCat("; ", change.count(), " since") : "", "\n");
  }
  return out;
}

}  // namespace

void AddImprovement(CLI::App& app, Tool& tool) {
  CLI::App& group = Group(app, "improvement",
                          "What goes wrong again and again: a team answers with a change, and its effect is measured");
  Verb<intake::v1::RaiseImprovementRequest, intake::v1::RaiseImprovementResponse> raise(
      group, tool, "raise", "Says that the same thing goes wrong again and again. For supervisors.",
      "throughline --as sam improvement raise component/checkout --reason 'cards refused every Monday' --evidence "
      "CASE");
  raise.Argument("kind", "What goes wrong: what it is about, a slash, and which one");
  raise.Option("--reason", "reason", "Why")->required();
  raise.Option("--team", "team", "The team that can change it (default: as configured)");
  raise.List("--evidence", "evidence_ids", "A case that shows it");
  raise.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Raised. ", Clean(response.owed_by()),
                           response.team().empty() ? "" : " of team " + Clean(response.team()),
                           " answers with a change. improvement ", Clean(response.kind()), "\n"));
  });

  Verb<intake::v1::RecordImprovementChangeRequest, intake::v1::RecordImprovementChangeResponse> change(
      group, tool, "change", "Records what was changed. Its effect is measured; the improvement closes only by that.",
      "throughline --as wim improvement change component/checkout --text 'the gateway retries'");
  change.Argument("kind", "What goes wrong");
  change.Option("--text", "text", "What was changed")->required();
  change.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Recorded; measured until ", ShowTime(response.measured_at(), out.now()), ". improvement ",
                           Clean(response.kind()), "\n"));
  });

  Verb<intake::v1::RouteImprovementRequest, intake::v1::RouteImprovementResponse> route(
      group, tool, "route", "Routes an improvement to another team. Its due time stays.",
      "throughline --as wim improvement route component/checkout --team pay --reason 'their gateway'");
  route.Argument("kind", "What goes wrong");
  route.Option("--team", "team", "The team that can change it")->required();
  route.Option("--reason", "reason", "Why it is theirs")->required();
  route.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Routed to ", Clean(response.owed_by()), ". improvement ", Clean(response.kind()), "\n"));
  });

  Verb<intake::v1::GetImprovementRequest, intake::v1::GetImprovementResponse> show(
      group, tool, "show", "Shows an improvement: who answers for it, what was changed, and whether it helped.",
      "throughline improvement show component/checkout");
  show.Argument("kind", "What goes wrong");
  show.Prints([](Tool& out, const auto&, const intake::v1::GetImprovementResponse& response) {
    out.Print(RenderImprovement(response.improvement(), out.terminal(), out.now()));
  });

  Verb<intake::v1::ListImprovementsRequest, intake::v1::ListImprovementsResponse> list(
      group, tool, "list", "Lists improvements that are not closed, by kind.",
      "throughline improvement list --team web\nthroughline improvement list --closed --json");
  list.Option("--team", "team", "Only those for which this team answers");
  list.Option("--closed", "include_closed", "Those that are closed, too");
  list.Option("--overdue", "overdue", "Only those that are overdue");
  list.Prints([](Tool& out, const auto&, const intake::v1::ListImprovementsResponse& response) {
    out.Print(RenderImprovements(response, out.terminal(), out.now()));
  });
}

}  // namespace throughline::tool

// `throughline scorecard`: how well carriers, vendors and lanes do.

#include <string>

#include "absl/strings/str_cat.h"
#include <fmt/format.h>

#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/commands/numbers.h"
#include "services/throughline/output/table.h"
#include "services/throughline/output/times.h"
#include "services/throughline/output/words.h"
#include "throughline/supplier/v1/scorecard.pb.h"

namespace throughline::tool {
namespace {

using supplier::v1::GetScorecardsRequest;
using supplier::v1::GetScorecardsResponse;
using supplier::v1::ScorecardNumbers;

constexpr char kCarriers[] = "CARRIER";

// `98.5 %`; nothing if there is nothing to divide by.
Cell Percent(int64_t part, int64_t whole, Style style = Style::kPlain) {
  if (whole == 0) return {""};
  return {fmt::format("{:.1f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole)), style};
}

Cell NineInTen(const supplier::v1::Durations& durations) {
  return {durations.count() == 0 ? "" : ShowPeriod(absl::Seconds(durations.p90_seconds()))};
}

Column Number(const char* title) { return {title, Column::kWhole, Column::kRight}; }

std::string OnTime(const GetScorecardsRequest& request, const GetScorecardsResponse& response,
                   const Terminal& terminal) {
  const bool of_vendors = request.by() == supplier::v1::SCORECARD_SUBJECT_VENDOR;
  Table table({{SubjectOf(request, kCarriers)},
               {"DAY"},
               Number("LINES"),
               Number("LINES ON TIME"),
               Number("BACKORDERED"),
               Number("DELAYED"),
               Number("SENT, 9 IN 10"),
               Number("SHIPMENTS"),
               Number("ON TIME"),
               Number("FAILED"),
               Number("PICKED UP, 9 IN 10"),
               Number("ON THE WAY, 9 IN 10")});
  for (const auto& card : response.scorecards()) {
    const ScorecardNumbers& n = card.numbers();
    table.Row({{card.value(), Style::kBold},
               {card.day()},
               {of_vendors ? absl::StrCat(n.lines()) : ""},
               Percent(n.lines_in_time(), n.lines_in_time() + n.lines_late()),
               Percent(n.lines_backordered(), n.lines()),
               Percent(n.lines_delayed(), n.lines()),
               NineInTen(n.handling()),
               {absl::StrCat(n.shipments())},
               Percent(n.shipments_in_time(), n.shipments_in_time() + n.shipments_late()),
               Percent(n.shipments_failed(), n.shipments()),
               NineInTen(n.pick_up()),
               NineInTen(n.transit())});
  }
  return table.Render(terminal);
}

std::string Reporting(const GetScorecardsRequest& request, const GetScorecardsResponse& response,
                      const Terminal& terminal) {
  Table table({{SubjectOf(request, kCarriers)},
               {"DAY"},
               Number("SCANS"),
               Number("TOLD WITHIN, 9 IN 10"),
               Number("BETWEEN SCANS, 9 IN 10"),
               Number("CONTRADICTORY"),
               Number("UNMAPPED"),
               Number("CORRECTED"),
               Number("UNSURE TIMES")});
  for (const auto& card : response.scorecards()) {
    const ScorecardNumbers& n = card.numbers();
    const int64_t messages = n.scans() + n.contradictions() + n.unmapped();
    if (messages == 0) continue;
    table.Row({{card.value(), Style::kBold},
               {card.day()},
               {absl::StrCat(n.scans())},
               NineInTen(n.latency()),
               NineInTen(n.gaps()),
               Percent(n.contradictions(), messages),
               Percent(n.unmapped(), messages),
               Percent(n.corrections(), n.scans()),
               Percent(n.uncertain_times(), n.scans())});
  }
  return table.empty()
             ? ""
             : absl::StrCat("\n", Paint(terminal, Style::kBold, "What they reported"), "\n", table.Render(terminal));
}

std::string RenderScorecards(const GetScorecardsRequest& request, const GetScorecardsResponse& response,
                             const Terminal& terminal) {
  if (response.scorecards().empty()) return DaysOf(response) + kNoNumbers;
  return absl::StrCat(DaysOf(response), "\n", Paint(terminal, Style::kBold, "Against the first promise"), "\n",
                      OnTime(request, response, terminal), Reporting(request, response, terminal));
}

}  // namespace

void AddScorecard(CLI::App& app, Tool& tool) {
  Verb<GetScorecardsRequest, GetScorecardsResponse> scorecard(
      app, tool, "scorecard",
      "How well carriers, vendors and lanes do: on time against the first promise, and how they report.",
      "throughline scorecard\nthroughline scorecard --by vendor --from 2026-11-01 --to 2026-11-30\n"
      "throughline scorecard --by lane --only ups/US/America/New_York --by-day\n"
      "throughline scorecard --by carrier --by-day --csv > carriers.csv");
  const auto csv =
      AddNumbers(scorecard, "A scorecard for each", "Only of this carrier, vendor or lane (CARRIER/COUNTRY/ZONE)");
  scorecard.Prints([csv](Tool& out, const auto& request, const auto& response) {
    out.Print(*csv ? ToCsv(CsvRowsOf(request, response.scorecards(), kCarriers), {})
                   : RenderScorecards(request, response, out.terminal()));
  });
}

}  // namespace throughline::tool

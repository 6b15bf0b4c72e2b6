// `throughline case history` and `throughline promise list`: what happened, and what is where.

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/time.h"
#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/output/table.h"
#include "services/throughline/output/times.h"
#include "services/throughline/output/words.h"
#include "throughline/ownership/v1/queries.pb.h"

namespace throughline::tool {
namespace {

using Entries = std::vector<ownership::v1::CaseHistoryEntry>;

Style EntryStyle(const ownership::v1::CaseHistoryEntry& entry) {
  ownership::v1::OwnershipEvent event;
  if (!entry.event().UnpackTo(&event)) return Style::kBold;  // something was said
  if (event.has_promise_broken()) return Style::kAlarm;
  if (event.commitment_settled().outcome() == ownership::v1::COMMITMENT_OUTCOME_BROKEN) return Style::kAlarm;
  if (event.has_closed() || event.has_reopened() || event.has_confirmation_taken_back()) return Style::kYellow;
  return Style::kPlain;
}

std::string RenderHistory(const Entries& entries, const Terminal& terminal, absl::Time now) {
  Table table({{"WHEN"}, {"BY"}, {"WHAT", Column::kWraps}});
  for (const auto& entry : entries) {
    table.Row({{ShowTime(entry.time(), now)}, {entry.by(), Style::kDim}, {entry.text(), EntryStyle(entry)}});
  }
  return table.empty() ? "Nothing.\n" : table.Render(terminal);
}

}  // namespace

void AddCaseHistory(CLI::App& group, Tool& tool) {
  Verb<ownership::v1::GetCaseHistoryRequest, ownership::v1::GetCaseHistoryResponse> history(
      group, tool, "history",
      "What happened to a case: what was said, who owned it, what was owed and how that ended. The newest last.",
      "throughline case history CASE\nthroughline case history CASE --limit 0 | less\n"
      "throughline case history CASE --json | jq -r '.entries[] | [.time, .kind, .text] | @tsv'");
  history.Argument("case_id", "The case");
  history.request().set_newest_first(true);  // --limit leaves the newest
  history.Fills(history.command().add_flag_callback(
                    "--from-start", [request = &history.request()] { request->set_newest_first(false); },
                    "With --limit: the first entries, not the last. With --json it is the order, too"),
                {"newest_first"});
  history.Prints([](Tool& out, const auto& request, const auto& response) {
    Entries entries(response.entries().begin(), response.entries().end());
    if (request.newest_first()) std::reverse(entries.begin(), entries.end());
    out.Print(RenderHistory(entries, out.terminal(), out.now()));
  });
}

void AddPromiseList(CLI::App& group, Tool& tool) {
  Verb<ownership::v1::ListCommitmentsRequest, ownership::v1::ListCommitmentsResponse> list(
      group, tool, "list", "What is owed and open about a person's cases: promises and the rest, those due first.",
      "throughline promise list\nthroughline promise list --kind promise\nthroughline --as sam promise list --person "
      "ana --json");
  list.Option("--person", "person", "Whose (default: yours)");
  list.Option("--kind", "kind", "Only of this kind");
  list.Prints([](Tool& out, const auto&, const auto& response) {
    Table table(
        {{"DUE"}, {"KIND"}, {"CASE"}, {"ID"}, {"TO"}, {"SUBJECT", Column::kMayBeCut}, {"WHAT", Column::kWraps}});
    for (const auto& one : response.commitments()) {
      const auto& owed = one.commitment().commitment();
      table.Row(
          {{ShowFromNow(runtime::FromProto(owed.due()), out.now()), one.overdue() ? Style::kAlarm : Style::kPlain},
           {Word(owed.kind())},
           {one.case_id(), Style::kBold},
           {owed.commitment_id(), Style::kDim},
           {owed.owed_to()},
           {one.subject()},
           {owed.text()}});
    }
    out.Print(table.empty() ? "Nothing is owed.\n" : table.Render(out.terminal()));
  });
}

}  // namespace throughline::tool

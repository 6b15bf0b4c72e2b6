// `throughline worklist`: what a person must look at now, most urgent first.

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

Style ReasonStyle(const ownership::v1::WorklistItem& item) {
  if (item.overdue() || item.reason() == ownership::v1::WORKLIST_REASON_PROMISE_BROKEN) return Style::kAlarm;
  if (item.reason() == ownership::v1::WORKLIST_REASON_OWNED) return Style::kPlain;
  return Style::kYellow;
}

// The id that the next command on this item needs besides the case's.
std::string Subject(const ownership::v1::WorklistItem& item) {
  if (item.has_promise_id()) return "promise " + item.promise_id();
  if (item.has_handoff_id()) return "handoff " + item.handoff_id();
  if (item.has_notice_id()) return "notice " + item.notice_id();
  return item.has_order_id() ? "order " + item.order_id() : "";
}

}  // namespace

void AddWorklist(CLI::App& app, Tool& tool) {
  Verb<ownership::v1::ListWorklistRequest, ownership::v1::ListWorklistResponse> worklist(
      app, tool, "worklist", "What a person must look at now, most urgent first",
      "throughline worklist\nthroughline --as sam worklist --team\nthroughline --as dashboard worklist --person ana "
      "--json");
  worklist.command().alias("queue");  // its former name
  worklist.Option("--person", "person", "Whose worklist (default: yours)");
  worklist.Option("--team", "include_team",
                  "For a supervisor: also the worklists of the people whose cases they supervise");
  worklist.Prints([](Tool& out, const auto&, const auto& response) {
    Table table({{"REASON"},
                 {"DUE"},
                 {"CASE"},
                 {"OWNER"},
                 {"CUSTOMER"},
                 {"SUBJECT", Column::kMayBeCut},
                 {"WHAT", Column::kMayBeCut},
                 {"ABOUT"}});
    for (const auto& item : response.items()) {
      const absl::Time due = runtime::FromProto(item.due());
      table.Row({{Word(item.reason()), ReasonStyle(item)},
                 {item.has_due() ? ShowFromNow(due, out.now()) : "", item.overdue() ? Style::kAlarm : Style::kPlain},
                 {item.case_id(), Style::kBold},
                 {item.owner()},
                 {item.customer_id()},
                 {item.subject()},
                 {item.text()},
                 {Subject(item), Style::kDim}});
    }
    out.Print(table.empty() ? "Nothing waits.\n" : table.Render(out.terminal()));
  });
}

}  // namespace throughline::tool

// `throughline customer`: a customer seen whole.

#include "absl/strings/str_cat.h"

#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/cases/case_view.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/output/table.h"
#include "services/throughline/output/times.h"
#include "services/throughline/output/words.h"
#include "throughline/intake/v1/queries.pb.h"

namespace throughline::tool {
namespace {

Cell StatusOf(const intake::v1::CustomerOrder& order) {
  if (order.completed()) return {"delivered", Style::kGreen};
  return order.at_risk() ? Cell{"at risk", Style::kAlarm} : Cell{"on its way"};
}

Cell StatusOf(const intake::v1::CustomerPromise& promise) {
  switch (promise.outcome()) {
    case ownership::v1::COMMITMENT_OUTCOME_UNSPECIFIED:
      return {"open"};
    case ownership::v1::COMMITMENT_OUTCOME_BROKEN:
      return {Word(promise.outcome()), Style::kAlarm};
    default:
      return {Word(promise.outcome()), Style::kGreen};
  }
}

void AddRow(const intake::v1::CustomerItem& item, absl::Time now, Table& table) {
  const Cell when{ShowTime(item.at(), now)};
  if (item.has_case_()) {
    const auto& view = item.case_();
    table.Row({when,
               {"case"},
               {view.case_id(), Style::kBold},
               {Word(view.status()), StatusStyle(view.status())},
               {view.owner()},
               {view.subject()}});
  } else if (item.has_order()) {
    const auto& order = item.order();
    table.Row({when,
               {"order"},
               {order.order_id(), Style::kBold},
               StatusOf(order),
               {order.owner()},
               {"promised by " + ShowTime(order.promised_time(), now)}});
  } else if (item.has_promise()) {
    const auto& promise = item.promise();
    table.Row(
        {when,
         {"promise"},
         {promise.commitment_id(), Style::kBold},
         StatusOf(promise),
         {promise.made_by()},
         {absl::StrCat(promise.text(), " (by ", ShowTime(promise.due(), now), ", case ", promise.case_id(), ")")}});
  }
}

}  // namespace

void AddCustomer(CLI::App& app, Tool& tool) {
  CLI::App& group = Group(app, "customer", "Customers: all that there is about one");
  Verb<intake::v1::GetCustomerRequest, intake::v1::GetCustomerResponse> show(
      group, tool, "show", "Cases, orders and promises of a customer, newest first.",
      "throughline customer show C-17\nthroughline customer show C-17 --json | jq '.items[].case.case_id'");
  show.Argument("customer_id", "The customer");
  show.Prints([](Tool& out, const auto&, const auto& response) {
    Table table({{"SINCE"}, {"WHAT"}, {"ID"}, {"STATUS"}, {"OWNER"}, {"ABOUT", Column::kMayBeCut}});
    for (const auto& item : response.items()) AddRow(item, out.now(), table);
    out.Print(table.empty() ? "Nothing is known about this customer.\n" : table.Render(out.terminal()));
  });
}

}  // namespace throughline::tool

// `throughline order amend|cancel`: changes of an order after it was placed.

#include "absl/strings/str_cat.h"

#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/commands/orders/order_lines.h"
#include "services/throughline/output/times.h"
#include "throughline/supplier/v1/order_change.pb.h"

namespace throughline::tool {
namespace {

void AddAmend(CLI::App& order, Tool& tool) {
  Verb<supplier::v1::AmendOrderRequest, supplier::v1::AmendOrderResponse> amend(
      order, tool, "amend",
      "Changes an open order: its promise, its zone, more lines, more of a line, another article that is offered.",
      "throughline order amend SO-1001 --promised-by +5d --reason 'agreed with the customer on the phone'\n"
      "throughline order amend SO-1001 --line 3:CUP-6:6:acme:Cups --quantity 1=4 --reason 'they need more'\n"
      "throughline order amend SO-1001 --accept 1.s1 --reason 'black is fine, says Mira'");
  amend.Argument("order_id", "The order");
  amend.Option("--promised-by", "promised_time", "The new promise; the first one is kept beside it");
  amend.Option("--promised-from", "promised_from", "If a window is promised: its beginning");
  amend.Option("--zone", "destination_zone", "The destination's IANA zone, as in Europe/Berlin");
  amend.Fills(
      AddLines(amend.command(), "--line", *amend.request().mutable_added_lines(), "A line to add, once per line"),
      {"added_lines"});
  amend.Fills(AddQuantity(amend.command(), *amend.request().mutable_quantities(),
                          "How many of a line are ordered from now on, more than until now"),
              {"quantities"});
  amend.List("--accept", "accepted_substitutes", "The customer takes what is offered as this line, as in 1.s1");
  amend.List("--decline", "declined_substitutes", "The customer does not take what is offered as this line");
  amend.Option("--reason", "reason", "Why")->required();
  amend.Prints([](Tool& out, const auto&, const auto& response) {
    std::string text = absl::StrCat("Order ", Clean(response.order_id()), " is promised by ",
                                    ShowTime(response.promised_time(), out.now()));
    if (response.promised_time().seconds() != response.first_promised_time().seconds()) {
      absl::StrAppend(&text, ", at first by ", ShowTime(response.first_promised_time(), out.now()));
    }
    if (response.at_risk()) absl::StrAppend(&text, "  ", Paint(out.terminal(), Style::kAlarm, "AT RISK"));
    out.Print(text + "\n");
  });
}

void AddCancel(CLI::App& order, Tool& tool) {
  Verb<supplier::v1::CancelLinesRequest, supplier::v1::CancelLinesResponse> cancel(
      order, tool, "cancel", "Cancels an order, some of its lines or a part of a line, as long as they are not sent.",
      "throughline order cancel SO-1001 --lines 2 --reason 'the customer bought it elsewhere'\n"
      "throughline order cancel SO-1001 --quantity 1=1 --reason 'one is enough'\n"
      "throughline order cancel SO-1001 --reason 'ordered twice'");
  cancel.Argument("order_id", "The order");
  cancel.List("--lines", "line_ids", "Which lines (default, without --quantity: all)");
  cancel.Fills(
      AddQuantity(cancel.command(), *cancel.request().mutable_quantities(), "How many of a line, once per line"),
      {"quantities"});
  cancel.Option("--reason", "reason", "Why")->required();
  cancel.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat(response.order_cancelled() ? "All of order " : "Cancelled in order ",
                           Clean(response.order_id()), response.order_cancelled() ? " is cancelled" : "", ".\n"));
  });
}

}  // namespace

void AddOrderChange(CLI::App& order, Tool& tool) {
  AddAmend(order, tool);
  AddCancel(order, tool);
}

}  // namespace throughline::tool

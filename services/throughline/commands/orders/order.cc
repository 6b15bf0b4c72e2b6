// `throughline order`: placing orders, adding shipments, listing.

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/commands/orders/order_lines.h"
#include "services/throughline/output/table.h"
#include "services/throughline/output/times.h"
#include "services/throughline/output/words.h"
#include "throughline/supplier/v1/commands.pb.h"
#include "throughline/supplier/v1/queries.pb.h"

namespace throughline::tool {
namespace {

void AddPlace(CLI::App& order, Tool& tool) {
  Verb<supplier::v1::PlaceOrderRequest, supplier::v1::PlaceOrderResponse> place(
      order, tool, "place", "Records a placed order with its lines, its promise and its owner.",
      "throughline order place SO-1001 --customer C-17 --promised-by +3d \\\n"
      "    --line 1:LAMP-7:2:acme:'Desk lamp' --line 2:CHAIR-1:1:globex:Chair\n"
      "throughline --as webshop order place SO-1002 --customer C-18 --promised-by 2026-11-27T18:00:00+01:00 \\\n"
      "    --line 1:LAMP-7:1:acme --owner sam --zone Europe/Berlin\n"
      "throughline order place SO-1003 --customer C-19 --promised-by +2d --line 1:LAMP-7:1:acme --collect-at store-12");
  place.Argument("order_id", "The order, as you call it");
  place.Option("--customer", "customer_id", "The customer")->required();
  place.Option("--promised-by", "promised_time", "When the customer was promised to have all of it")->required();
  CLI::Option* lines =
      AddLines(place.command(), "--line", *place.request().mutable_lines(), "What was ordered, once per line");
  lines->required();
  place.Fills(lines, {"lines"});
  place.Option("--promised-from", "promised_from", "If a window was promised: its beginning");
  place.Option("--owner", "owner", "Who at our company owns it (default: you, unless a system places it)");
  place.Option("--placed-at", "placed_at", "When it was placed (default: now)");
  place.Option("--collect-at", "collect_at",
               "The store of ours where the customer collects it (default: it is brought)");
  place.Option("--zone", "destination_zone", "The destination's IANA zone, as in Europe/Berlin");
  place.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(
        absl::StrCat("Placed order ", Clean(response.order_id()), " ; ", Clean(response.owner()), " answers for it\n"));
  });
}

void AddShipment(CLI::App& order, Tool& tool) {
  Verb<supplier::v1::AddShipmentRequest, supplier::v1::AddShipmentResponse> add(
      order, tool, "add-shipment",
      "Adds a shipment: a further leg after a hand-over, or one that a vendor did not report.",
      "throughline order add-shipment SO-1001 usps 9400111899223197428490 --follows shipment/ups/1Z999AA10123456784/1\n"
      "throughline order add-shipment SO-1001 ups 1Z999AA10123456784 --lines 1,2 --hand-over\n"
      "throughline order add-shipment SO-1001 ups 1Z999AA10123456784 --quantity 1=1");
  add.Argument("order_id", "The order");
  add.Argument("carrier", "The carrier");
  add.Argument("tracking_number", "Its tracking number");
  add.List("--lines", "line_ids", "Which lines it carries (default: those of the shipment that it follows, else all)");
  add.Fills(AddQuantity(add.command(), *add.request().mutable_quantities(),
                        "How many of a line it carries, once per line (default: all that no other shipment carries)"),
            {"quantities"});
  add.Option("--follows", "follows", "The previous shipment, as a stream");
  add.Option("--hand-over", "hand_over", "It hands over to yet another carrier before the customer");
  add.Option("--return", "return_leg", "It goes back to the sender");
  add.Prints([](Tool& out, const auto& request, const auto& response) {
    out.Print(absl::StrCat("Order ", Clean(request.order_id()), " : added ", Clean(response.shipment()), "\n"));
  });
}

// What is wrong with it: the promise first.
std::string Why(const supplier::v1::OrderView& order) {
  std::vector<std::string> why;
  if (order.has_at_risk_cause()) why.push_back(order.at_risk_cause());
  for (const auto& concern : order.concerns()) why.push_back(concern.text());
  return absl::StrJoin(why, "; ");
}

void AddList(CLI::App& order, Tool& tool) {
  Verb<supplier::v1::ListOrdersRequest, supplier::v1::ListOrdersResponse> list(
      order, tool, "list", "Orders, newest first.",
      "throughline order list --at-risk\nthroughline order list --concern serial-mismatch\nthroughline order list "
      "--sscc 376104250021234569\nthroughline order list "
      "--customer C-17 --status open --limit 20\n"
      "throughline order list --json --limit 0 | jq -r '.orders[].order_id'");
  list.Option("--at-risk", "at_risk", "Only those that are expected after their promise");
  list.Option("--customer", "customer_id", "Only of this customer");
  list.Option("--vendor", "vendor_id", "Only those with a line of this vendor");
  list.Option("--status", "status", "Only in this status");
  list.Option("--sscc", "sscc", "Only those with this carton, by its SSCC");
  list.Option("--with-concern", "with_concern", "Only those with which something is wrong");
  list.Option("--concern", "concern", "Only those with which this is wrong");
  list.Prints([](Tool& out, const auto&, const auto& response) {
    Table table({{"ORDER"},
                 {"STATUS"},
                 {"RISK"},
                 {"PROMISED"},
                 {"EXPECTED"},
                 {"OWNER"},
                 {"CUSTOMER"},
                 {"LINES", Column::kWhole, Column::kRight},
                 {"WHY", Column::kMayBeCut}});
    for (const auto& row : response.orders()) {
      const Style risk = row.at_risk() || row.concerns_size() > 0 ? Style::kAlarm : Style::kPlain;
      const bool over = row.has_completed_at();
      table.Row({{row.order_id(), Style::kBold},
                 {Word(row.status()), over ? Style::kGreen : Style::kPlain},
                 {row.at_risk() ? "AT RISK" : "", risk},
                 {ShowTime(row.promised_time(), out.now())},
                 {over            ? ShowTime(row.completed_at(), out.now())
                  : row.has_eta() ? ShowEta(row.eta(), out.now())
                                  : "unknown",
                  risk},
                 {row.owner()},
                 {row.customer_id()},
                 {absl::StrCat(row.lines_size())},
                 {Why(row), risk}});
    }
    out.Print(table.empty() ? "No orders.\n" : table.Render(out.terminal()));
  });
}

void AddReassign(CLI::App& order, Tool& tool) {
  Verb<supplier::v1::ReassignOrderRequest, supplier::v1::ReassignOrderResponse> reassign(
      order, tool, "reassign", "Makes another person the owner of an open order. For supervisors.",
      "throughline --as sam order reassign SO-1001 ana --reason 'ben is ill'");
  reassign.Argument("order_id", "The order");
  reassign.Argument("to", "Who owns it from now on");
  reassign.Option("--reason", "reason", "Why")->required();
  reassign.Prints([](Tool& out, const auto& request, const auto& response) {
    out.Print(absl::StrCat(Clean(request.to()), " owns order ", Clean(response.order_id()), " now.\n"));
  });
}

}  // namespace

void AddOrder(CLI::App& app, Tool& tool) {
  CLI::App& order = Group(app, "order", "Orders: place, follow, report what vendors and carriers say");
  AddPlace(order, tool);
  AddOrderShow(order, tool);
  AddList(order, tool);
  AddOrderVendorUpdate(order, tool);
  AddShipment(order, tool);
  AddOrderSerial(order, tool);
  AddOrderDelivery(order, tool);
  AddOrderCollect(order, tool);
  AddReassign(order, tool);
  AddOrderChange(order, tool);
  AddOrderLink(order, tool);
  AddOrderPush(order, tool);
}

}  // namespace throughline::tool

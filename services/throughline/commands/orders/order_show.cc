// `throughline order trace|watch|shipment`, and those of the quarantine, `quarantine|quarantined|quarantine-map` and
// others: where an order and its shipments are.

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "libs/runtime/domain/time.h"
#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/output/table.h"
#include "services/throughline/output/timeline.h"
#include "services/throughline/output/times.h"
#include "services/throughline/output/words.h"
#include "throughline/supplier/v1/commands.pb.h"
#include "throughline/supplier/v1/queries.pb.h"

namespace throughline::tool {
namespace {

using supplier::v1::GetShipmentRequest;

constexpr char kAudience[] = "For whom: staff see everything, a customer what they may read";
constexpr char kCommits[] = "Name each entry's commit, for `throughline log at`";

void AddTrace(CLI::App& order, Tool& tool) {
  Verb<supplier::v1::TraceOrderRequest, supplier::v1::TraceOrderResponse> trace(
      order, tool, "trace",
      "Follows an order: where it stands, who answers for it, what happens next, and its story from placement to "
      "delivery.",
      "throughline order trace SO-1001\nthroughline order trace SO-1001 --audience customer\n"
      "throughline order trace SO-1001 --commits --color always | less -R\n"
      "throughline order trace SO-1001 --json | jq -r '.entries[] | [.time, .kind, .owner] | @tsv'");
  trace.Argument("order_id", "The order");
  trace.LimitedTo(0);
  trace.Option("--audience", "audience", kAudience);
  auto commits = std::make_shared<bool>(false);
  trace.Fills(trace.command().add_flag("--commits", *commits, kCommits), {"commit"});
  trace.Prints([commits](Tool& out, const auto&, const auto& response) {
    Timeline timeline(out.terminal(), out.now(), *commits);
    std::string text = RenderOrder(response.order(), out.terminal(), out.now()) + "\n";
    for (const auto& entry : response.entries()) text += timeline.Entry(entry);
    out.Print(text + "\n" + RenderParts(response.order(), out.terminal(), out.now()));
  });
}

void AddWatchOrder(CLI::App& order, Tool& tool) {
  WatchVerb<supplier::v1::WatchOrderRequest, supplier::v1::WatchOrderResponse> watch(
      order, tool, "watch", "Shows an order, then every new entry of its trace as it comes, until interrupted.",
      "throughline order watch SO-1001 --from-start\nthroughline order watch SO-1001 --timeout 10m --json");
  watch.Argument("order_id", "The order");
  watch.Option("--from-start", "from_start", "Show the trace so far first");
  watch.Option("--audience", "audience", kAudience);
  struct Shown {
    bool commits = false;
    std::unique_ptr<Timeline> timeline;
    std::string next;  // the steps that were shown last
  };
  auto shown = std::make_shared<Shown>();
  watch.Fills(watch.command().add_flag("--commits", shown->commits, kCommits), {"commit"});
  watch.Prints([shown](Tool& out, const auto& message) {
    std::string text;
    const auto& order = message.order();
    std::string next = order.next_step().SerializeAsString();
    for (const auto& step : order.later_steps()) next += step.SerializeAsString();
    const bool first = shown->timeline == nullptr;
    if (first) {
      shown->timeline = std::make_unique<Timeline>(out.terminal(), out.now(), shown->commits);
      text = RenderOrder(order, out.terminal(), out.now()) + "\n";
    }
    for (const auto& entry : message.entries()) text += shown->timeline->Entry(entry);
    if (std::exchange(shown->next, next) != next && !first) text += RenderNextSteps(order, out.terminal(), out.now());
    return out.Print(text);
  });
}

// `shipment/ups/1Z…/1`, `ups/1Z…/1` or `ups/1Z…`. Returns what is wrong; empty: nothing.
std::string ParseShipment(const std::string& text, GetShipmentRequest& request) {
  if (absl::StartsWith(text, "shipment/")) {
    request.set_shipment(text);
    return "";
  }
  const std::vector<std::string> parts = absl::StrSplit(text, '/');
  uint32_t epoch = 0;
  if (parts.size() < 2 || parts.size() > 3 || (parts.size() == 3 && !absl::SimpleAtoi(parts[2], &epoch))) {
    return absl::StrCat("`", text,
                        "` is no shipment: write CARRIER/NUMBER, or its stream shipment/CARRIER/NUMBER/EPOCH");
  }
  request.set_carrier(parts[0]);
  request.set_tracking_number(parts[1]);
  request.set_epoch(epoch);
  return "";
}

void PrintShipment(Tool& out, const supplier::v1::GetShipmentResponse& response) {
  const auto& view = response.shipment();
  std::string head =
      absl::StrCat(Paint(out.terminal(), Style::kBold, Clean(view.shipment())), "  ",
                   view.state() == supplier::v1::TRACKING_STATE_UNSPECIFIED ? "no scan yet" : Word(view.state()));
  if (const std::string why = Word(view.reason()); !why.empty()) absl::StrAppend(&head, " (", why, ")");
  absl::StrAppend(&head, "  expected ", view.has_eta() ? ShowEta(view.eta(), out.now()) : "unknown", "  ",
                  view.has_order_id() ? absl::StrCat("order ", Clean(view.order_id()), " leg ", view.leg())
                                      : "no order has named it yet");
  for (const int flag : view.flags()) {
    absl::StrAppend(&head, "  ",
                    Paint(out.terminal(), Style::kYellow, Word(static_cast<supplier::v1::TrackingFlag>(flag))));
  }
  if (view.quarantined_count() > 0) absl::StrAppend(&head, "  ", view.quarantined_count(), " in quarantine");
  if (view.conflict_count() > 0) absl::StrAppend(&head, "  ", view.conflict_count(), " contradictory");
  Table table({{"WHEN"}, {"AS THE CARRIER WROTE IT"}, {"STATE"}, {"REASON"}, {"WHERE"}, {"TEXT", Column::kWraps}});
  for (const auto& scan : response.scans()) {
    const Style style = scan.corrected() ? Style::kDim : Style::kPlain;
    table.Row({{ShowTime(scan.time().instant(), out.now()), style},
               {scan.time().carrier_text(), Style::kDim},
               {Word(scan.state()) + (scan.corrected() ? " (corrected)" : ""), style},
               {Word(scan.reason()), style},
               {scan.place().city().empty() ? scan.place().facility() : scan.place().city(), style},
               {scan.text(), style}});
  }
  out.Print(head + "\n" + (table.empty() ? "No scans.\n" : table.Render(out.terminal())));
}

void AddShowShipment(CLI::App& order, Tool& tool) {
  Verb<GetShipmentRequest, supplier::v1::GetShipmentResponse> shipment(
      order, tool, "shipment", "One shipment with its scans.",
      "throughline order shipment shipment/ups/1Z999AA10123456784/1\nthroughline order shipment "
      "ups/1Z999AA10123456784");
  auto* request = &shipment.request();
  CLI::Option* which =
      shipment.command()
          .add_option_function<std::string>(
              "shipment", [request](const std::string& text) { ParseShipment(text, *request); }, "The shipment")
          ->required()
          ->type_name("STREAM|CARRIER/NUMBER")
          ->check(CLI::Validator(
              [](const std::string& text) {
                GetShipmentRequest scratch;
                return ParseShipment(text, scratch);
              },
              ""));
  shipment.Fills(which, {"shipment", "carrier", "tracking_number", "epoch"});
  shipment.Prints([](Tool& out, const auto&, const auto& response) { PrintShipment(out, response); });
}

void AddQuarantine(CLI::App& order, Tool& tool) {
  Verb<supplier::v1::ListQuarantineRequest, supplier::v1::ListQuarantineResponse> quarantine(
      order, tool, "quarantine", "Carriers' reports that no mapping covers.",
      "throughline order quarantine --carrier ups");
  quarantine.Option("--carrier", "carrier", "Only of this carrier");
  quarantine.Prints([](Tool& out, const auto&, const auto& response) {
    Table table({{"CARRIER"},
                 {"API"},
                 {"TYPE"},
                 {"CODE"},
                 {"WAITING", Column::kWhole, Column::kRight},
                 {"LAST"},
                 {"LAST SHIPMENT"},
                 {"WHY", Column::kWraps}});
    for (const auto& row : response.codes()) {
      table.Row({{row.carrier()},
                 {row.code().api_version()},
                 {row.code().type()},
                 {row.code().code(), Style::kYellow},
                 {absl::StrCat(row.count())},
                 {ShowTime(row.last_received_at(), out.now())},
                 {row.last_shipment()},
                 {row.reason()}});
    }
    out.Print(table.empty() ? "Nothing is in quarantine.\n" : table.Render(out.terminal()));
  });
}

std::string Hex(const std::string& bytes) { return absl::BytesToHexString(bytes); }

void AddQuarantined(CLI::App& order, Tool& tool) {
  Verb<supplier::v1::ListQuarantinedMessagesRequest, supplier::v1::ListQuarantinedMessagesResponse> quarantined(
      order, tool, "quarantined", "Quarantined messages one by one; of one shipment with up to 1 MiB of their bodies.",
      "throughline order quarantined --carrier ups\n"
      "throughline order quarantined --shipment shipment/ups/1Z204W4R0308071865/1");
  quarantined.Option("--carrier", "carrier", "Only of this carrier");
  quarantined.Option("--shipment", "shipment", "Only of this shipment, a stream");
  quarantined.Option("--from-byte", "raw_offset", "With --shipment: show the bodies from this byte on");
  quarantined.Prints([](Tool& out, const auto&, const auto& response) {
    std::string text;
    for (const auto& message : response.messages()) {
      const auto& kept = message.quarantined();
      absl::StrAppend(&text, Paint(out.terminal(), Style::kBold, Clean(message.shipment())), "  ",
                      Hex(kept.fingerprint()), "\n  ", Clean(kept.source()), ", ",
                      ShowTime(kept.received_at(), out.now()), ": ", Clean(kept.reason()), "\n  ", Clean(kept.raw()),
                      "\n");
    }
    out.Print(text.empty() ? "Nothing is in quarantine.\n" : text);
  });
}

void AddReplay(CLI::App& order, Tool& tool) {
  Verb<supplier::v1::ReplayQuarantineRequest, supplier::v1::ReplayQuarantineResponse> replay(
      order, tool, "quarantine-replay", "Reads the carriers' maps and the quarantine again, after a map was extended.",
      "throughline order quarantine-replay");
  replay.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Reading the quarantine again with the maps of ", absl::StrJoin(response.carriers(), ", "),
                           ".\n"));
  });
}

void AddDiscard(CLI::App& order, Tool& tool) {
  Verb<supplier::v1::DiscardQuarantinedRequest, supplier::v1::DiscardQuarantinedResponse> discard(
      order, tool, "quarantine-discard", "Discards a quarantined message that will never mean anything.",
      "throughline order quarantine-discard shipment/ups/1Z204W4R0308071865/1 FINGERPRINT --reason 'a test of the "
      "carrier'");
  discard.Argument("shipment", "Its shipment, a stream");
  discard.Argument("fingerprint", "The message, in hexadecimal as `quarantined` shows it");
  discard.Option("--reason", "reason", "Why")->required();
  discard.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Discarded in ", Clean(response.shipment()), ".\n"));
  });
}

void AddMap(CLI::App& order, Tool& tool) {
  Verb<supplier::v1::MapCarrierCodeRequest, supplier::v1::MapCarrierCodeResponse> map(
      order, tool, "quarantine-map",
      "Says what a carrier's code means that no map names; its quarantined messages become scans.",
      "throughline order quarantine-map ups --type I --code QK --state in-transit --source 'UPS, call of 3 March'\n"
      "throughline order quarantine-map ups --type I --code QK --withdraw --source 'it was a test code'");
  map.Argument("carrier", "Whose map lacks it: the carrier, or the aggregator");
  map.Option("--type", "code.type", "The carrier's kind of event, exactly as `quarantine` shows it");
  map.Option("--code", "code.code", "The code, exactly");
  map.Option("--api-version", "code.api_version", "Only of this version of the carrier's API");
  map.Option("--text", "text", "Only with exactly this text");
  map.Option("--state", "state", "What it means");
  map.Option("--reason", "reason", "Why, if the code says so");
  map.Option("--delayed", "delayed", "The code says that the shipment is late");
  map.Option("--return-leg", "return_leg", "The code says that the shipment goes back");
  map.Option("--withdraw", "withdraw", "Take back what was said of this code and text");
  map.Option("--source", "source", "Which of the carrier's documents says so; of a withdrawal why")->required();
  map.Prints([](Tool& out, const auto& request, const auto&) {
    out.Print(request.withdraw() ? "Withdrawn: messages with this code are quarantined again.\n"
                                 : "Mapped: the quarantine is being read again.\n");
  });
}

void AddMapped(CLI::App& order, Tool& tool) {
  Verb<supplier::v1::ListMappedCodesRequest, supplier::v1::ListMappedCodesResponse> mapped(
      order, tool, "quarantine-mapped", "Codes that got a meaning by quarantine-map, and who gave it.",
      "throughline order quarantine-mapped --carrier ups");
  mapped.Option("--carrier", "carrier", "Only of this carrier");
  mapped.Prints([](Tool& out, const auto&, const auto& response) {
    Table table({{"CARRIER"}, {"API"}, {"TYPE"}, {"CODE"}, {"STATE"}, {"BY"}, {"WHEN"}, {"SOURCE", Column::kWraps}});
    for (const auto& row : response.codes()) {
      const auto& said = row.mapped();
      table.Row({{row.carrier()},
                 {said.code().api_version()},
                 {said.code().type()},
                 {said.code().code(), Style::kYellow},
                 {Word(said.state())},
                 {said.mapped_by()},
                 {ShowTime(said.mapped_at(), out.now())},
                 {said.source()}});
    }
    out.Print(table.empty() ? "No code was mapped at run time.\n" : table.Render(out.terminal()));
  });
}

}  // namespace

void AddOrderShow(CLI::App& order, Tool& tool) {
  AddTrace(order, tool);
  AddWatchOrder(order, tool);
  AddShowShipment(order, tool);
  AddQuarantine(order, tool);
  AddQuarantined(order, tool);
  AddMap(order, tool);
  AddMapped(order, tool);
  AddReplay(order, tool);
  AddDiscard(order, tool);
}

}  // namespace throughline::tool

// `throughline order vendor-update`: what a vendor says about its lines.

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "services/throughline/cli/options/fields.h"
#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/commands/orders/order_lines.h"
#include "services/throughline/output/times.h"
#include "throughline/supplier/v1/commands.pb.h"

namespace throughline::tool {
namespace {

class VendorVerb : public Verb<supplier::v1::RecordVendorUpdateRequest, supplier::v1::RecordVendorUpdateResponse> {
 public:
  VendorVerb(CLI::App& group, Tool& tool, const std::string& name, const std::string& description,
             const std::string& examples)
      : Verb(group, tool, name, description, examples) {
    Argument("order_id", "The order");
    Option("--vendor", "vendor_id", "The vendor; for a partner, its own id")->required();
    Option("--stated-at", "stated_at", "When it said so (default: now); an older statement changes nothing said since");
    List("--lines", "line_ids", "Which of its lines (default: all that are not dispatched)");
    Prints([](Tool& out, const auto&, const auto& response) {
      std::string text = absl::StrCat("Recorded. order ", Clean(response.order_id()), " is expected ",
                                      response.has_eta() ? ShowEta(response.eta(), out.now()) : "at an unknown time");
      if (response.at_risk()) absl::StrAppend(&text, "  ", Paint(out.terminal(), Style::kAlarm, "AT RISK"));
      if (response.has_shipment()) absl::StrAppend(&text, "  ", Clean(response.shipment()));
      out.Print(text + "\n");
    });
  }
};

constexpr char kDelivery[] = "When it expects the customer to have them";

// `376104250021234569`, or `376104250021234569/1=2/2=1`. Returns what is wrong; empty: nothing.
std::string ParseCarton(const std::string& text, supplier::v1::Carton& carton) {
  const std::vector<std::string> parts = absl::StrSplit(text, '/');
  carton.set_sscc(parts.front());
  for (size_t i = 1; i < parts.size(); ++i) {
    if (const std::string wrong = ParseQuantity(parts[i], *carton.add_contents()); !wrong.empty()) return wrong;
  }
  return "";
}

void AddCartons(VendorVerb& dispatched, supplier::v1::DispatchedUpdate& update) {
  CLI::Option* carton = dispatched.command()
                            .add_option_function<std::vector<std::string>>(
                                "--carton",
                                [&update](const std::vector<std::string>& texts) {
                                  for (const std::string& text : texts) ParseCarton(text, *update.add_cartons());
                                },
                                "A carton by its SSCC, and what is in it, once per carton")
                            ->type_name("SSCC[/LINE=NUMBER...]")
                            ->allow_extra_args(false)
                            ->check(CLI::Validator(
                                [](const std::string& text) {
                                  supplier::v1::Carton scratch;
                                  return ParseCarton(text, scratch);
                                },
                                ""));
  dispatched.Fills(carton, {"dispatched.cartons"});
}

void AddDispatched(CLI::App& group, Tool& tool) {
  VendorVerb dispatched(group, tool, "dispatched", "It has sent them; also adds the shipment.",
                        "throughline --as acme order vendor-update dispatched SO-1001 --vendor acme --lines 1 \\\n"
                        "    --carrier ups --number 1Z999AA10123456784 --hand-over --serial 1=SN-0042\n"
                        "throughline --as acme order vendor-update dispatched SO-1001 --vendor acme --quantity 1=1 \\\n"
                        "    --carrier ups --number 1Z999AA10123456784\n"
                        "throughline --as acme order vendor-update dispatched SO-1001 --vendor acme --carrier ups \\\n"
                        "    --number 1Z999AA10123456784 --carton 376104250021234569/1=2");
  auto* update = dispatched.request().mutable_dispatched();
  dispatched.Option("--carrier", "dispatched.carrier", "The carrier that has them")->required();
  dispatched.Option("--number", "dispatched.tracking_number", "Its tracking number")->required();
  dispatched.Fills(
      AddQuantity(dispatched.command(), *update->mutable_quantities(),
                  "How many of a line were sent, once per line (default: all that no other shipment carries)"),
      {"dispatched.quantities"});
  dispatched.Option("--hand-over", "dispatched.hand_over", "This carrier hands them over before the customer");
  dispatched.Option("--expected", "dispatched.expected_delivery", kDelivery);
  CLI::Option* serial =
      dispatched.command()
          .add_option_function<std::vector<std::string>>(
              "--serial",
              [update](const std::vector<std::string>& texts) {
                for (const std::string& text : texts) {
                  const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
                  auto& serial = *update->add_serials();
                  serial.set_line_id(parts.front());
                  serial.set_serial_number(parts.back());
                }
              },
              "A serial number that was packed, once per number")
          ->type_name("LINE=NUMBER")
          ->allow_extra_args(false)
          ->check(CLI::Validator(
              [](const std::string& text) {
                return text.find('=') == std::string::npos ? absl::StrCat("`", text, "`: write LINE=NUMBER") : "";
              },
              ""));
  dispatched.Fills(serial, {"dispatched.serials"});
  AddCartons(dispatched, *update);
}

// `2`, or `2=2026-12-03T10:00+01:00`. Returns what is wrong; empty: nothing.
std::string ParsePart(const std::string& text, absl::Time now, supplier::v1::SplitPart& part) {
  const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
  const bool relative = parts.size() > 1 && absl::StartsWith(parts[1], "+");
  absl::Status status = SetField(part, "quantity", parts[0], now);
  if (status.ok() && parts.size() > 1 && !relative) status = SetField(part, "expected_dispatch", parts[1], now);
  if (status.ok() && !relative && part.quantity() > 0) return "";
  return absl::StrCat("`", text, "`: write NUMBER, or NUMBER=TIME with the time at which it is sent, as in 2=",
                      "2026-12-03T10:00:00+01:00");
}

void AddShortShipped(CLI::App& group, Tool& tool) {
  VendorVerb fewer(group, tool, "short-shipped", "It sends fewer than were ordered.",
                   "throughline order vendor-update short-shipped SO-1001 --vendor acme --quantity 1=2 \\\n"
                   "    --reason 'the last box was damaged' --restock +9d");
  fewer.Fills(AddQuantity(fewer.command(), *fewer.request().mutable_short_shipped()->mutable_quantities(),
                          "How many of a line are not sent, once per line")
                  ->required(),
              {"short_shipped.quantities"});
  fewer.Option("--reason", "short_shipped.reason", "Why, in its words")->required();
  fewer.Option("--restock", "short_shipped.expected_restock", "When it expects to have the rest (default: unknown)");
  fewer.Option("--expected", "short_shipped.expected_delivery", "When it expects the customer to have the rest");
}

void AddSplit(CLI::App& group, Tool& tool) {
  VendorVerb split(group, tool, "split", "It sends a line in parts, each with a date of its own.",
                   "throughline order vendor-update split SO-1001 --vendor acme --lines 1 \\\n"
                   "    --part 2=2026-12-03T10:00:00+01:00 --part 1=2026-12-10T10:00:00+01:00");
  auto* update = split.request().mutable_split();
  CLI::Option* parts =
      split.command()
          .add_option_function<std::vector<std::string>>(
              "--part",
              [update, &tool](const std::vector<std::string>& texts) {
                for (const std::string& text : texts) ParsePart(text, tool.now(), *update->add_parts());
              },
              "How many are in a part, and when it is sent, once per part; together what is not sent of the line")
          ->type_name("NUMBER[=TIME]")
          ->allow_extra_args(false)
          ->check(CLI::Validator(
              [&tool](const std::string& text) {
                supplier::v1::SplitPart scratch;
                return ParsePart(text, tool.now(), scratch);
              },
              ""))
          ->required();
  split.Fills(parts, {"split.parts"});
  split.Option("--reason", "split.reason", "Why, in its words");
}

void AddSubstituted(CLI::App& group, Tool& tool) {
  VendorVerb other(group, tool, "substituted",
                   "It offers another article in place of a line; `order amend` says whether the customer takes it.",
                   "throughline order vendor-update substituted SO-1001 --vendor acme --lines 1 --sku LAMP-8 \\\n"
                   "    --description 'Desk lamp, black' --reason 'LAMP-7 is no longer made'");
  other.Option("--sku", "substituted.sku", "The other article's number")->required();
  other.Option("--description", "substituted.description", "What it is, as the customer is told")->required();
  other.Option("--count", "substituted.quantity", "How many of it (default: as many as are not sent of the line)");
  other.Option("--reason", "substituted.reason", "Why, in its words")->required();
  other.Option("--dispatch", "substituted.expected_dispatch", "When it expects to send it");
  other.Option("--expected", "substituted.expected_delivery", kDelivery);
}

}  // namespace

void AddOrderVendorUpdate(CLI::App& order, Tool& tool) {
  CLI::App& group = Group(order, "vendor-update", "Records what a vendor says about its lines");
  VendorVerb acknowledged(
      group, tool, "acknowledged", "It will send them.",
      "throughline --as acme order vendor-update acknowledged SO-1001 --vendor acme --dispatch +1d");
  acknowledged.request().mutable_acknowledged();
  acknowledged.Option("--reference", "acknowledged.vendor_reference", "Its own number for it");
  acknowledged.Option("--dispatch", "acknowledged.expected_dispatch", "When it expects to send");
  acknowledged.Option("--expected", "acknowledged.expected_delivery", kDelivery);

  VendorVerb backordered(group, tool, "backordered", "It does not have them.",
                         "throughline order vendor-update backordered SO-1001 --vendor globex --restock +9d");
  backordered.request().mutable_backordered();
  backordered.Option("--restock", "backordered.expected_restock", "When it expects to have them (default: unknown)");
  backordered.Option("--expected", "backordered.expected_delivery", kDelivery);
  backordered.Option("--reason", "backordered.reason", "Why, in its words");

  VendorVerb delayed(group, tool, "delayed", "It sends them later; needs --dispatch or --expected.",
                     "throughline order vendor-update delayed SO-1001 --vendor acme --expected 2026-11-28 "
                     "--reason 'machine down'");
  delayed.request().mutable_delayed();
  delayed.Option("--dispatch", "delayed.expected_dispatch", "When it now expects to send");
  delayed.Option("--expected", "delayed.expected_delivery", kDelivery);
  delayed.Option("--reason", "delayed.reason", "Why, in its words")->required();

  VendorVerb refused(group, tool, "refused", "It does not send them at all.",
                     "throughline order vendor-update refused SO-1001 --vendor acme --lines 1 --reason discontinued");
  refused.request().mutable_refused();
  refused.Option("--reason", "refused.reason", "Why, in its words")->required();

  AddShortShipped(group, tool);
  AddSplit(group, tool);
  AddSubstituted(group, tool);
  AddDispatched(group, tool);
}

}  // namespace throughline::tool

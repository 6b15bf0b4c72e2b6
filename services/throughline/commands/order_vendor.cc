// `throughline order vendor-update`: what a vendor says about its lines.

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/commands/order_lines.h"
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

void AddDispatched(CLI::App& group, Tool& tool) {
  VendorVerb dispatched(group, tool, "dispatched", "It has sent them; also adds the shipment.",
                        "throughline --as acme order vendor-update dispatched SO-1001 --vendor acme --lines 1 \\\n"
                        "    --carrier ups --number 1Z999AA10123456784 --hand-over --serial 1=SN-0042\n"
                        "throughline --as acme order vendor-update dispatched SO-1001 --vendor acme --quantity 1=1 \\\n"
                        "    --carrier ups --number 1Z999AA10123456784");
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

  AddDispatched(group, tool);
}

}  // namespace throughline::tool

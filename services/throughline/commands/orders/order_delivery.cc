// `throughline order dispute`, `verify-delivery`: whether what a carrier calls delivered has arrived.

#include "absl/strings/str_cat.h"

#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/output/terminal.h"
#include "throughline/supplier/v1/delivery.pb.h"

namespace throughline::tool {

void AddOrderDelivery(CLI::App& order, Tool& tool) {
  Verb<supplier::v1::DisputeDeliveryRequest, supplier::v1::DisputeDeliveryResponse> dispute(
      order, tool, "dispute", "Says that a delivery did not arrive, in the customer's words.",
      "throughline order dispute SO-1001 --text 'It is not in my mailbox, and the neighbours do not have it'\n"
      "throughline order dispute SO-1001 --shipment shipment/ups/1Z999AA10123456784/1 --text 'Nothing came'");
  dispute.Argument("order_id", "The order");
  dispute.Option("--shipment", "shipment", "The shipment, as a stream (default: the only one that was delivered)");
  dispute.Option("--text", "text", "What the customer says")->required();
  dispute.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Order ", Clean(response.order_id()), " : the delivery is disputed.\n"));
  });
  Verb<supplier::v1::VerifyDeliveryRequest, supplier::v1::VerifyDeliveryResponse> verify(
      order, tool, "verify-delivery", "Records what was found out about a delivery; ends the doubts about it.",
      "throughline order verify-delivery SO-1001 --text 'The customer has found it with the neighbour'");
  verify.Argument("order_id", "The order");
  verify.Option("--shipment", "shipment", "The shipment, as a stream (default: the only one that was delivered)");
  verify.Option("--text", "text", "What was found out")->required();
  verify.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Order ", Clean(response.order_id()), " : the delivery is verified.\n"));
  });
}

}  // namespace throughline::tool

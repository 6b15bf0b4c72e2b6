#include "services/supplier-tracking/api/shipments.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/service/calls.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/projections/read.h"

namespace throughline::supplier {
namespace {

// Fills carrier, number and epoch if the shipment is named by its stream.
absl::Status Name(v1::GetShipmentRequest& request) {
  if (!request.shipment().empty()) {
    ShipmentName name;
    if (!ParseShipmentStream(request.shipment(), name)) {
      return runtime::BadField("shipment", "is not a shipment: give `shipment/<carrier>/<number>/<epoch>`");
    }
    request.set_carrier(name.carrier);
    request.set_tracking_number(name.number);
    request.set_epoch(name.epoch);
    return absl::OkStatus();
  }
  runtime::FieldViolations bad;
  CheckPartyId(bad, "carrier", request.carrier());
  CheckNumber(bad, "tracking_number", request.tracking_number());
  return bad.ToStatus();
}

}  // namespace

void ServeShipments(server::Api& api, runtime::Streams& streams) {
  api.Unary<v1::GetShipmentRequest, v1::GetShipmentResponse>(
      "GetShipment", [&streams](const server::Context& context, v1::GetShipmentRequest request, auto reply) {
        if (absl::Status status = Name(request); !status.ok()) return reply(status);
        // Before anything is looked up, so that a partner does not learn which numbers exist.
        if (absl::Status status = runtime::RequireParty(context.caller(), request.carrier()); !status.ok()) {
          return reply(status);
        }
        const std::string token = request.consistency_token();
        service::Read<v1::GetShipmentResponse>(
            streams, context, token, reply,
            [request = std::move(request)](const store::KeyValue& rows) { return GetShipment(rows, request); });
      });
}

}  // namespace throughline::supplier

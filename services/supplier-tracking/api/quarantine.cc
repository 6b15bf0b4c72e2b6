#include "services/supplier-tracking/api/quarantine.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/service/calls.h"
#include "services/supplier-tracking/domain/carrier_codes.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/projections/read.h"

namespace throughline::supplier {
namespace {

using server::Context;

absl::StatusOr<ShipmentName> Named(const std::string& shipment) {
  ShipmentName name;
  if (ParseShipmentStream(shipment, name)) return name;
  return runtime::BadField("shipment", "is not a shipment: give `shipment/<carrier>/<number>/<epoch>`");
}

}  // namespace

void ServeQuarantine(server::Api& api, runtime::Streams& streams, std::shared_ptr<LiveCarriers> carriers,
                     std::shared_ptr<VendorDocuments> documents) {
  api.Unary<v1::ListQuarantineRequest, v1::ListQuarantineResponse>(
      "ListQuarantine", [&streams](const Context& context, v1::ListQuarantineRequest request, auto reply) {
        const std::string token = request.consistency_token();
        service::Read<v1::ListQuarantineResponse>(
            streams, context, token, reply,
            [request = std::move(request)](const store::KeyValue& rows) { return ListQuarantine(rows, request); });
      });
  api.Unary<v1::ListQuarantinedMessagesRequest, v1::ListQuarantinedMessagesResponse>(
      "ListQuarantinedMessages",
      [&streams](const Context& context, v1::ListQuarantinedMessagesRequest request, auto reply) {
        if (!request.shipment().empty()) {
          if (const auto name = Named(request.shipment()); !name.ok()) return reply(name.status());
        }
        const std::string token = request.consistency_token();
        service::Read<v1::ListQuarantinedMessagesResponse>(streams, context, token, reply,
                                                           [request = std::move(request)](const store::KeyValue& rows) {
                                                             return ListQuarantinedMessages(rows, request);
                                                           });
      });
  api.Unary<v1::ReplayQuarantineRequest, v1::ReplayQuarantineResponse>(
      "ReplayQuarantine",
      [carriers, documents = std::move(documents)](const Context&, const v1::ReplayQuarantineRequest&, auto reply) {
        if (absl::Status status = carriers->Reload(); !status.ok()) {
          return reply(runtime::Refuse(absl::StatusCode::kFailedPrecondition, "MAPS_NOT_IN_ORDER",
                                       absl::string_view(status.message().data(), status.message().size())));
        }
        documents->ReadAgain();
        const std::shared_ptr<const Carriers> fresh = carriers->Get();
        v1::ReplayQuarantineResponse response;
        for (const std::string& carrier : fresh->CarriersWithMaps()) response.add_carriers(carrier);
        for (const std::string_view format : fresh->Formats()) response.add_formats(std::string(format));
        reply(std::move(response));
      });
  api.Unary<v1::MapCarrierCodeRequest, v1::MapCarrierCodeResponse>(
      "MapCarrierCode", [&streams, carriers](const Context& context, v1::MapCarrierCodeRequest request, auto reply) {
        MapCarrierCode command;
        command.named_by_map = carriers->Get()->Names(request.carrier(), request.code(), request.text());
        // A stream has a key, even if its carrier is refused.
        const std::string carrier = request.carrier().empty() ? "-" : request.carrier();
        command.request = std::move(request);
        service::Change<CarrierCodes, v1::MapCarrierCodeResponse>(streams, context, {CarrierCodes::kKind, carrier},
                                                                  std::move(command), reply);
      });
  api.Unary<v1::ListMappedCodesRequest, v1::ListMappedCodesResponse>(
      "ListMappedCodes", [&streams](const Context& context, v1::ListMappedCodesRequest request, auto reply) {
        const std::string token = request.consistency_token();
        service::Read<v1::ListMappedCodesResponse>(
            streams, context, token, reply,
            [request = std::move(request)](const store::KeyValue& rows) { return ListMappedCodes(rows, request); });
      });
  api.Unary<v1::DiscardQuarantinedRequest, v1::DiscardQuarantinedResponse>(
      "DiscardQuarantined", [&streams](const Context& context, v1::DiscardQuarantinedRequest request, auto reply) {
        const absl::StatusOr<ShipmentName> name = Named(request.shipment());
        if (!name.ok()) return reply(name.status());
        if (request.fingerprint().size() != 32) {
          return reply(runtime::BadField("fingerprint", "is not of 32 bytes: see ListQuarantinedMessages"));
        }
        const std::string shipment = request.shipment();
        service::Change<Shipment, v1::DiscardQuarantinedResponse>(
            streams, context, {Shipment::kKind, ShipmentKey(name->carrier, name->number, name->epoch)},
            DiscardQuarantined{std::move(request)}, reply,
            [shipment](const runtime::Outcome<Shipment>&, v1::DiscardQuarantinedResponse& response) {
              response.set_shipment(shipment);
            });
      });
}

}  // namespace throughline::supplier

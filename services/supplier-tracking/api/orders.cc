#include "services/supplier-tracking/api/orders.h"

#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "libs/service/calls.h"
#include "services/ownership/people/people.h"
#include "services/supplier-tracking/api/vendors/vendor_updates.h"
#include "services/supplier-tracking/carriers/carrier_adapter.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/standing.h"
#include "services/supplier-tracking/projections/read.h"

namespace throughline::supplier {
namespace {

using runtime::Outcome;
using runtime::Streams;
using server::Context;
using server::Reply;

absl::Status CheckOrderId(const std::string& order_id) {
  if (IsId(order_id, 64)) return absl::OkStatus();
  return runtime::BadField("order_id", kNotAnOrderId);
}

// The order's shipment with this carrier and number, of the latest epoch; empty if there is none.
std::string ShipmentOf(const v1::OrderState& state, const std::string& carrier, const std::string& number) {
  for (auto shipment = state.shipments().rbegin(); shipment != state.shipments().rend(); ++shipment) {
    ShipmentName name;
    if (ParseShipmentStream(shipment->shipment(), name) && name.carrier == carrier && name.number == number) {
      return shipment->shipment();
    }
  }
  return "";
}

// Gives a command that names a person who is to own the order. `look` sets whether they may, from rows; that nobody of
// this name is known is looked up again once the present is folded.
template <typename Response, typename Command>
void ExecuteNaming(Streams& streams, const std::string& order_id, Command command, Reply<Response> reply,
                   absl::Status Command::*person,
                   std::function<absl::Status(const store::KeyValue&, const Command&)> look,
                   std::function<void(const Outcome<Order>&, Response&)> fill) {
  const auto give = [&streams, order_id, reply, fill = std::move(fill)](Command ready) {
    service::Change<Order, Response>(streams, reply.context(), {Order::kKind, order_id}, std::move(ready), reply, fill);
  };
  command.*person = look(*streams.View(), command);
  if ((command.*person).ok()) return give(std::move(command));
  const absl::Time deadline = reply.context().deadline();
  streams.AfterPresent(deadline, [&streams, give, look, person, reply, command](const absl::Status& status) mutable {
    if (!status.ok()) return reply(status);
    command.*person = look(*streams.View(), command);
    give(std::move(command));
  });
}

void Place(Streams& streams, const std::string& fallback, const Context& context, v1::PlaceOrderRequest request,
           Reply<v1::PlaceOrderResponse> reply) {
  PlaceOrder command{std::move(request), "", fallback, absl::OkStatus()};
  command.order_id =
      command.request.order_id().empty() ? runtime::DerivedId(context.caller(), "order") : command.request.order_id();
  if (absl::Status status = CheckOrderId(command.order_id); !status.ok()) return reply(status);
  const std::string order_id = command.order_id;
  ExecuteNaming<v1::PlaceOrderResponse, PlaceOrder>(
      streams, order_id, std::move(command), reply, &PlaceOrder::owner,
      [caller = context.caller()](const store::KeyValue& reader, const PlaceOrder& placing) -> absl::Status {
        const std::string& owner = Order::OwnerOf(placing, caller);
        if (owner.empty()) return absl::OkStatus();  // refused by the rules
        const auto person = ownership::kPersons.Get(reader, owner);
        // A rep or supervisor who calls is a person of ours, known or not.
        const bool calls =
            owner == caller.id && (caller.Is(common::v1::ROLE_REP) || caller.Is(common::v1::ROLE_SUPERVISOR));
        if (!person && calls) return absl::OkStatus();
        return ownership::CheckActive(person, owner);
      },
      [](const Outcome<Order>& outcome, v1::PlaceOrderResponse& response) {
        response.set_order_id(outcome.state->order_id());
        response.set_owner(outcome.state->owner());
      });
}

void Reassign(Streams& streams, v1::ReassignOrderRequest request, Reply<v1::ReassignOrderResponse> reply) {
  if (absl::Status status = CheckOrderId(request.order_id()); !status.ok()) return reply(status);
  const std::string order_id = request.order_id();
  ExecuteNaming<v1::ReassignOrderResponse, ReassignOrder>(
      streams, order_id, ReassignOrder{std::move(request), absl::OkStatus()}, reply, &ReassignOrder::person,
      [caller = reply.context().caller()](const store::KeyValue& reader, const ReassignOrder& command) {
        if (absl::Status refused = ownership::CheckCaller(reader, caller); !refused.ok()) return refused;
        return ownership::CheckActive(ownership::kPersons.Get(reader, command.request.to()), command.request.to());
      },
      [order_id](const Outcome<Order>&, v1::ReassignOrderResponse& response) { response.set_order_id(order_id); });
}

// The facts that a command on an order needs besides the request.
struct Facts {
  bool known = false;  // whether the order is
  std::string zone;    // of the order's destination
  NumberFacts number;  // of the shipment that the request names, if any
};

Facts Gather(const store::KeyValue& reader, const Context& context, const std::string& order_id,
             const std::string& carrier, const std::string& number) {
  Facts facts;
  if (auto order = ReadOrder(reader, order_id); order.ok()) {
    facts.known = true;
    facts.zone = order->view().destination_zone();
  }
  if (!number.empty()) facts.number = FactsOf(reader, carrier, number, order_id, context.caller().time);
  return facts;
}

// Calls `give` with the facts. If the order is unknown here or the number in use by another, folds the present first:
// this replica may lag.
template <typename Response>
void WithFacts(Streams& streams, const Context& context, const std::string& order_id, const std::string& carrier,
               const std::string& number, Reply<Response> reply, std::function<void(const Facts&)> give) {
  if (absl::Status status = CheckOrderId(order_id); !status.ok()) return reply(status);
  const auto gather = [&streams, &context, order_id, carrier, number] {
    return Gather(*streams.View(), context, order_id, carrier, number);
  };
  const Facts facts = gather();
  if (facts.known && facts.number.in_use_by.empty()) return give(facts);
  streams.AfterPresent(context.deadline(), [reply, gather, give = std::move(give)](const absl::Status& status) {
    status.ok() ? give(gather()) : reply(status);
  });
}

void Update(Streams& streams, const Context& context, UpdateFromVendor command,
            Reply<v1::RecordVendorUpdateResponse> reply) {
  const std::string carrier = command.update().dispatched().carrier();
  const std::string number = command.update().dispatched().tracking_number();
  const runtime::StreamId stream{Order::kKind, command.request.order_id()};
  service::Change<Order, v1::RecordVendorUpdateResponse>(
      streams, context, stream, std::move(command), reply,
      [carrier, number](const Outcome<Order>& outcome, v1::RecordVendorUpdateResponse& response) {
        response.set_order_id(outcome.state->order_id());
        const std::string shipment = ShipmentOf(*outcome.state, carrier, number);
        if (!shipment.empty()) response.set_shipment(shipment);
        if (outcome.state->has_eta()) *response.mutable_eta() = outcome.state->eta();
        response.set_at_risk(outcome.state->at_risk());
      });
}

void Add(Streams& streams, const Context& context, v1::AddShipmentRequest request, const Facts& facts,
         Reply<v1::AddShipmentResponse> reply) {
  const std::string carrier = request.carrier(), number = request.tracking_number();
  const runtime::StreamId stream{Order::kKind, request.order_id()};
  AddShipment command;
  command.number = facts.number;
  command.request = std::move(request);
  service::Change<Order, v1::AddShipmentResponse>(
      streams, context, stream, std::move(command), reply,
      [carrier, number](const Outcome<Order>& outcome, v1::AddShipmentResponse& response) {
        response.set_order_id(outcome.state->order_id());
        response.set_shipment(ShipmentOf(*outcome.state, carrier, number));
      });
}

}  // namespace

void ServeOrders(server::Api& api, Streams& streams, std::shared_ptr<const LiveCarriers> carriers,
                 const std::string& fallback_owner, ownership::RepsRead reps_read,
                 const std::string& customer_contact) {
  api.Unary<v1::PlaceOrderRequest, v1::PlaceOrderResponse>(
      "PlaceOrder", [&streams, fallback_owner](const Context& context, auto request, auto reply) {
        Place(streams, fallback_owner, context, std::move(request), std::move(reply));
      });
  api.Unary<v1::ReassignOrderRequest, v1::ReassignOrderResponse>(
      "ReassignOrder", [&streams](const Context&, auto request, auto reply) {
        Reassign(streams, std::move(request), std::move(reply));
      });
  api.Unary<v1::RecordVendorUpdateRequest, v1::RecordVendorUpdateResponse>(
      "RecordVendorUpdate",
      [&streams, carriers](const Context& context, v1::RecordVendorUpdateRequest request, auto reply) {
        PrepareUpdate(streams, *carriers->Get(), std::move(request), context.caller().time, context.deadline(),
                      [&streams, &context, reply](absl::StatusOr<UpdateFromVendor> command) {
                        if (!command.ok()) return reply(command.status());
                        Update(streams, context, *std::move(command), reply);
                      });
      });
  api.Unary<v1::AddShipmentRequest, v1::AddShipmentResponse>(
      "AddShipment", [&streams, carriers](const Context& context, v1::AddShipmentRequest request, auto reply) {
        request.set_tracking_number(carriers->Get()->NumberOf(request.carrier(), request.tracking_number()));
        WithFacts(streams, context, request.order_id(), request.carrier(), request.tracking_number(), reply,
                  [&streams, &context, request, reply](Facts facts) {
                    if (request.return_leg()) {
                      facts.number = FactsOf(*streams.View(), request.carrier(), request.tracking_number(),
                                             request.order_id(), context.caller().time, true);
                    }
                    Add(streams, context, request, facts, reply);
                  });
      });
  api.Unary<v1::TraceOrderRequest, v1::TraceOrderResponse>(
      "TraceOrder",
      [&streams, reps_read, customer_contact](const Context& context, v1::TraceOrderRequest request, auto reply) {
        if (absl::Status status = CheckOrderId(request.order_id()); !status.ok()) return reply(status);
        const std::string token = request.consistency_token();
        service::Read<v1::TraceOrderResponse>(
            streams, context, token, reply,
            [request = std::move(request), scope = ownership::ReadScope(reps_read, context.caller()), customer_contact](
                const store::KeyValue& rows) { return TraceOrder(rows, request, scope, customer_contact); });
      });
  api.Unary<v1::ListOrdersRequest, v1::ListOrdersResponse>(
      "ListOrders", [&streams, reps_read](const Context& context, v1::ListOrdersRequest request, auto reply) {
        const std::string token = request.consistency_token();
        service::Read<v1::ListOrdersResponse>(
            streams, context, token, reply,
            [request = std::move(request), scope = ownership::ReadScope(reps_read, context.caller())](
                const store::KeyValue& rows) { return ListOrders(rows, request, scope); });
      });
}

}  // namespace throughline::supplier

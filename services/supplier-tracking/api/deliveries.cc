#include "services/supplier-tracking/api/deliveries.h"

#include <string>

#include "libs/runtime/domain/refusal.h"
#include "libs/service/calls.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/order.h"

namespace throughline::supplier {
namespace {

template <typename Request, typename Response>
void Serve(server::Api& api, runtime::Streams& streams, const char* method) {
  api.Unary<Request, Response>(method, [&streams](const server::Context& context, Request request, auto reply) {
    if (!IsId(request.order_id(), 64)) return reply(runtime::BadField("order_id", kNotAnOrderId));
    const runtime::StreamId stream{Order::kKind, request.order_id()};
    service::Change<Order, Response>(streams, context, stream, std::move(request), reply,
                                     [](const runtime::Outcome<Order>& outcome, Response& response) {
                                       response.set_order_id(outcome.state->order_id());
                                     });
  });
}

}  // namespace

void ServeDeliveries(server::Api& api, runtime::Streams& streams) {
  Serve<v1::DisputeDeliveryRequest, v1::DisputeDeliveryResponse>(api, streams, "DisputeDelivery");
  Serve<v1::VerifyDeliveryRequest, v1::VerifyDeliveryResponse>(api, streams, "VerifyDelivery");
}

}  // namespace throughline::supplier

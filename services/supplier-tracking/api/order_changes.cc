#include "services/supplier-tracking/api/order_changes.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/service/calls.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/order.h"

namespace throughline::supplier {
namespace {

using runtime::Outcome;
using server::Context;

template <typename Request, typename Response>
void ChangeOrder(runtime::Streams& streams, const Context& context, Request request, server::Reply<Response> reply,
                 std::function<void(const Outcome<Order>&, Response&)> fill) {
  if (!IsId(request.order_id(), 64)) return reply(runtime::BadField("order_id", kNotAnOrderId));
  const runtime::StreamId stream{Order::kKind, request.order_id()};
  service::Change<Order, Response>(streams, context, stream, std::move(request), reply, std::move(fill));
}

}  // namespace

void ServeOrderChanges(server::Api& api, runtime::Streams& streams) {
  api.Unary<v1::AmendOrderRequest, v1::AmendOrderResponse>(
      "AmendOrder", [&streams](const Context& context, v1::AmendOrderRequest request, auto reply) {
        ChangeOrder<v1::AmendOrderRequest, v1::AmendOrderResponse>(
            streams, context, std::move(request), reply,
            [](const Outcome<Order>& outcome, v1::AmendOrderResponse& response) {
              response.set_order_id(outcome.state->order_id());
              *response.mutable_promised_time() = outcome.state->promised_time();
              *response.mutable_first_promised_time() = outcome.state->first_promised_time();
              response.set_at_risk(outcome.state->at_risk());
            });
      });
  api.Unary<v1::CancelLinesRequest, v1::CancelLinesResponse>(
      "CancelLines", [&streams](const Context& context, v1::CancelLinesRequest request, auto reply) {
        ChangeOrder<v1::CancelLinesRequest, v1::CancelLinesResponse>(
            streams, context, std::move(request), reply,
            [](const Outcome<Order>& outcome, v1::CancelLinesResponse& response) {
              response.set_order_id(outcome.state->order_id());
              response.set_order_cancelled(outcome.state->cancelled());
            });
      });
}

}  // namespace throughline::supplier

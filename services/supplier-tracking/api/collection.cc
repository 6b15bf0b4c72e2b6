#include "services/supplier-tracking/api/collection.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/service/calls.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/order.h"

namespace throughline::supplier {

void ServeCollection(server::Api& api, runtime::Streams& streams) {
  using Response = v1::RecordCollectionResponse;
  api.Unary<v1::RecordCollectionRequest, Response>(
      "RecordCollection", [&streams](const server::Context& context, v1::RecordCollectionRequest request, auto reply) {
        if (!IsId(request.order_id(), 64)) return reply(runtime::BadField("order_id", kNotAnOrderId));
        const runtime::StreamId stream{Order::kKind, request.order_id()};
        service::Change<Order, Response>(streams, context, stream, std::move(request), reply,
                                         [](const runtime::Outcome<Order>& outcome, Response& response) {
                                           response.set_order_id(outcome.state->order_id());
                                           response.set_completed(outcome.state->has_completed_at());
                                         });
      });
}

}  // namespace throughline::supplier

#include "services/supplier-tracking/api/serials.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/service/calls.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/serials/order_serials.h"

namespace throughline::supplier {

void ServeSerials(server::Api& api, runtime::Streams& streams) {
  api.Unary<v1::RecordSerialRequest, v1::RecordSerialResponse>(
      "RecordSerial", [&streams](const server::Context& context, v1::RecordSerialRequest request, auto reply) {
        if (!IsId(request.order_id(), 64)) return reply(runtime::BadField("order_id", kNotAnOrderId));
        const runtime::StreamId stream{Order::kKind, request.order_id()};
        const std::string line_id = request.line_id();
        service::Change<Order, v1::RecordSerialResponse>(
            streams, context, stream, std::move(request), reply,
            [line_id](const runtime::Outcome<Order>& outcome, v1::RecordSerialResponse& response) {
              response.set_order_id(outcome.state->order_id());
              for (const auto& line : outcome.state->lines()) {
                if (line.line_id() == line_id) response.set_mismatch(MismatchOf(line));
              }
            });
      });
}

}  // namespace throughline::supplier

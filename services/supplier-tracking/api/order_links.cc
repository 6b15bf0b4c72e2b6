#include "services/supplier-tracking/api/order_links.h"

#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/service/calls.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/projections/order/order_page.h"

namespace throughline::supplier {
namespace {

using runtime::Outcome;
using runtime::Streams;
using server::Context;

absl::Status CheckLinksOrder(const std::string& order_id) {
  return IsId(order_id, 64) ? absl::OkStatus() : runtime::BadField("order_id", kNotAnOrderId);
}

// The link that the command made, also if it is repeated. Null: it has ended since.
const v1::OrderLink* LinkOf(const v1::OrderState& state, const std::string& link_id) {
  for (const v1::OrderLink& link : state.links()) {
    if (link.link_id() == link_id) return &link;
  }
  return nullptr;
}

}  // namespace

void ServeOrderLinks(server::Api& api, Streams& streams, const std::string& customer_contact) {
  api.Unary<v1::CreateOrderLinkRequest, v1::CreateOrderLinkResponse>(
      "CreateOrderLink", [&streams](const Context& context, v1::CreateOrderLinkRequest request, auto reply) {
        if (absl::Status status = CheckLinksOrder(request.order_id()); !status.ok()) return reply(status);
        const runtime::StreamId stream{Order::kKind, request.order_id()};
        service::Change<Order, v1::CreateOrderLinkResponse>(
            streams, context, stream, std::move(request), reply,
            [link_id = runtime::DerivedId(context.caller(), Order::kLinkPart)](const Outcome<Order>& outcome,
                                                                               v1::CreateOrderLinkResponse& response) {
              response.set_order_id(outcome.state->order_id());
              response.set_link_id(link_id);
              if (const v1::OrderLink* link = LinkOf(*outcome.state, link_id)) {
                *response.mutable_expires_at() = link->expires_at();
              }
            });
      });
  api.Unary<v1::RevokeOrderLinkRequest, v1::RevokeOrderLinkResponse>(
      "RevokeOrderLink", [&streams](const Context& context, v1::RevokeOrderLinkRequest request, auto reply) {
        if (absl::Status status = CheckLinksOrder(request.order_id()); !status.ok()) return reply(status);
        const runtime::StreamId stream{Order::kKind, request.order_id()};
        service::Change<Order, v1::RevokeOrderLinkResponse>(
            streams, context, stream, std::move(request), reply,
            [](const Outcome<Order>& outcome, v1::RevokeOrderLinkResponse& response) {
              response.set_order_id(outcome.state->order_id());
            });
      });
  api.Unary<v1::GetOrderPageRequest, v1::GetOrderPageResponse>(
      "GetOrderPage",
      [&streams, customer_contact](const Context& context, v1::GetOrderPageRequest request, auto reply) {
        if (absl::Status status = CheckLinksOrder(request.order_id()); !status.ok()) return reply(status);
        const std::string token = request.consistency_token();
        service::Read<v1::GetOrderPageResponse>(
            streams, context, token, reply,
            [request = std::move(request), customer_contact, now = context.caller().time](const store::KeyValue& rows) {
              return GetOrderPage(rows, request, customer_contact, now);
            });
      });
}

}  // namespace throughline::supplier
